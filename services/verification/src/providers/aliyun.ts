import type { Clock } from '@vestibule/shared/call-context';
import { Type, TypeCompiler } from '@vestibule/shared/schema';
import { aliyunAuthorization, aliyunQuery } from './aliyun-signature.ts';
import { sha256 } from './canonical-request.ts';
import type { AliyunSettings } from './config.ts';
import { readJson } from './exchange.ts';
import type { Adapter } from './http-provider.ts';

const answerForm = TypeCompiler.Compile(
  Type.Object({ Code: Type.String(), RequestId: Type.Optional(Type.String()) }),
);

/**
 * Aliyun's `SendSms`: https://help.aliyun.com/document_detail/55284.html. It has no idempotence of its own,
 * but refuses a signature nonce that it has seen: a second try carries the first one's, so that of two
 * tries that both arrive one is sent.
 */
export function aliyunAdapter({
  settings,
  clock,
  nonce,
}: {
  settings: AliyunSettings;
  clock: Clock;
  /** Text that never comes twice. */
  nonce: () => string;
}): Adapter {
  const key = {
    accessKeyId: settings.SMS_ALIYUN_ACCESS_KEY_ID,
    accessKeySecret: settings.SMS_ALIYUN_ACCESS_KEY_SECRET,
  };
  return {
    name: 'aliyun',
    repeatCode: 'SignatureNonceUsed',
    compose({ phone, code }) {
      const url = new URL(settings.SMS_ALIYUN_BASE_URL);
      const query = aliyunQuery({
        PhoneNumbers: phone,
        SignName: settings.SMS_ALIYUN_SIGN_NAME,
        TemplateCode: settings.SMS_ALIYUN_TEMPLATE_CODE,
        TemplateParam: JSON.stringify({ [settings.SMS_ALIYUN_TEMPLATE_VARIABLE]: code }),
      });
      url.search = query;
      const headers = {
        'x-acs-action': 'SendSms',
        'x-acs-version': '2017-05-25',
        'x-acs-date': `${new Date(clock()).toISOString().slice(0, 19)}Z`,
        'x-acs-signature-nonce': nonce(),
        'x-acs-content-sha256': sha256(''),
      };
      const authorization = aliyunAuthorization(key, {
        query,
        headers: { ...headers, host: url.host },
        body: '',
      });
      return { url, headers: { ...headers, authorization } };
    },
    async judge(answer) {
      const said = await readJson(answerForm, answer);
      if (said === null) return null;
      return {
        taken: answer.status === 200 && said.Code === 'OK',
        code: said.Code,
        requestId: said.RequestId,
      };
    },
  };
}
