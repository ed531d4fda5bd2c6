import type { Clock } from '@vestibule/shared/call-context';
import { Type, TypeCompiler } from '@vestibule/shared/schema';
import type { TencentSettings } from './config.ts';
import { readJson } from './exchange.ts';
import type { Adapter } from './http-provider.ts';
import { tencentAuthorization } from './tencent-signature.ts';

const answerForm = TypeCompiler.Compile(
  Type.Object({
    Response: Type.Object({
      Error: Type.Optional(Type.Object({ Code: Type.String() })),
      /** One entry for each phone. */
      SendStatusSet: Type.Optional(Type.Array(Type.Object({ Code: Type.String() }))),
      RequestId: Type.Optional(Type.String()),
    }),
  }),
);

/** Tencent Cloud's `SendSms`: https://cloud.tencent.com/document/api/382/55981 */
export function tencentAdapter({ settings, clock }: { settings: TencentSettings; clock: Clock }): Adapter {
  const url = new URL(settings.SMS_TENCENT_BASE_URL);
  return {
    name: 'tencent',
    // Its own limit of one SMS for one phone in 30 seconds, in force unless switched off in its console.
    repeatCode: 'LimitExceeded.PhoneNumberThirtySecondLimit',
    compose({ phone, code, expiresInSeconds }) {
      const values = { code, minutes: String(Math.max(1, Math.floor(expiresInSeconds / 60))) };
      const names = settings.SMS_TENCENT_TEMPLATE_PARAMS.split(',');
      const body = JSON.stringify({
        PhoneNumberSet: [`+86${phone}`],
        SmsSdkAppId: settings.SMS_TENCENT_SDK_APP_ID,
        SignName: settings.SMS_TENCENT_SIGN_NAME,
        TemplateId: settings.SMS_TENCENT_TEMPLATE_ID,
        TemplateParamSet: names.map((name) => (name === 'code' ? values.code : values.minutes)),
      });
      const seconds = Math.floor(clock() / 1000);
      const signed = { 'content-type': 'application/json; charset=utf-8', 'x-tc-action': 'SendSms' };
      const authorization = tencentAuthorization(
        {
          secretId: settings.SMS_TENCENT_SECRET_ID,
          secretKey: settings.SMS_TENCENT_SECRET_KEY,
          service: 'sms',
          seconds,
        },
        { query: '', headers: { ...signed, host: url.host }, body },
      );
      const headers = {
        ...signed,
        authorization,
        'x-tc-version': '2021-01-11',
        'x-tc-timestamp': String(seconds),
        'x-tc-region': settings.SMS_TENCENT_REGION,
      };
      return { url, headers, body };
    },
    async judge(answer) {
      const { Error: error, SendStatusSet, RequestId } = (await readJson(answerForm, answer))?.Response ?? {};
      const code = error?.Code ?? SendStatusSet?.[0]?.Code;
      if (code === undefined) return null;
      const taken = answer.status === 200 && code === 'Ok';
      return { taken, code, requestId: RequestId };
    },
  };
}
