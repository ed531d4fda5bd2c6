import { createHash, createHmac } from 'node:crypto';
import type { Test } from 'tap';
import { type Received, type Stub, type StubAnswer, startStub } from './stubs.ts';

const hex = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

/**
 * The signature that a request to Tencent Cloud must have, worked out of the request as it came, by the
 * specification alone: https://cloud.tencent.com/document/api/213/30654 (签名方法 v3).
 */
export function tencentSignature(
  request: Received,
  signed: string,
  scope: string,
  secretKey: string,
): string {
  let canonical = `${request.method}\n`;
  const [path, query = ''] = request.target.split('?');
  canonical += `${path}\n${query}\n`;
  for (const name of signed.split(';')) {
    canonical += `${name}:${(request.headers.get(name) ?? '').trim().toLowerCase()}\n`;
  }
  canonical += `\n${signed}\n${hex(request.body)}`;
  const timestamp = request.headers.get('x-tc-timestamp');
  const toSign = `TC3-HMAC-SHA256\n${timestamp}\n${scope}\n${hex(canonical)}`;
  let key = Buffer.from(`TC3${secretKey}`);
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
  return createHmac('sha256', key).update(toSign).digest('hex');
}

/** What is registered at Tencent: the keys, the application, its approved signature and template. */
export type TencentAccount = {
  secretId: string;
  secretKey: string;
  appId: string;
  signName: string;
  templateId: string;
  /** How many variables the template has. */
  variables: number;
};
export type TencentSms = { phone: string; parameters: string[] };

const authorizationForm =
  /^TC3-HMAC-SHA256 Credential=([^/]+)\/((\d{4}-\d\d-\d\d)\/sms\/tc3_request), SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;

/** The common error that Tencent answers, or null: https://cloud.tencent.com/document/api/382/52075 */
function refuse(request: Received, account: TencentAccount, seconds: number): string | null {
  const match = authorizationForm.exec(request.headers.get('authorization') ?? '');
  if (!match) return 'AuthFailure.InvalidAuthorization';
  const [, secretId, scope = '', date, signed = '', signature] = match;
  if (secretId !== account.secretId) return 'AuthFailure.SecretIdNotFound';
  const timestamp = Number(request.headers.get('x-tc-timestamp'));
  if (!(Math.abs(seconds - timestamp) <= 300)) return 'AuthFailure.SignatureExpire';
  const names = signed.split(';');
  if (!names.includes('content-type') || !names.includes('host')) return 'AuthFailure.SignatureFailure';
  if (new Date(timestamp * 1000).toISOString().slice(0, 10) !== date) return 'AuthFailure.SignatureFailure';
  if (signature !== tencentSignature(request, signed, scope, account.secretKey)) {
    return 'AuthFailure.SignatureFailure';
  }
  if (request.headers.get('content-type')?.startsWith('application/json') !== true) return 'InvalidRequest';
  if (request.headers.get('x-tc-action') !== 'SendSms') return 'InvalidAction';
  if (request.headers.get('x-tc-version') !== '2021-01-11') return 'NoSuchVersion';
  if (!request.headers.get('x-tc-region')) return 'MissingParameter';
  return null;
}

/**
 * Tencent Cloud's SMS: https://cloud.tencent.com/document/api/382/55981 (SendSms) and
 * https://cloud.tencent.com/document/api/382/59177 (its error codes).
 */
export async function startTencentStub(
  t: Test,
  { account, now }: { account: TencentAccount; now: () => number },
): Promise<Stub & { sent: TencentSms[] }> {
  const sent: TencentSms[] = [];
  const lastAt = new Map<string, number>();
  const respond = (content: object): StubAnswer => ({
    status: 200,
    body: JSON.stringify({ Response: { ...content, RequestId: 'a0aabda6-cf91-4f3e-a81f-9198114a2279' } }),
  });
  const state = (phone: string, Code: string, SerialNo = '') =>
    respond({
      SendStatusSet: [
        {
          SerialNo,
          PhoneNumber: phone,
          Fee: SerialNo === '' ? 0 : 1,
          SessionContext: '',
          Code,
          Message: phone,
        },
      ],
    });

  const stub = await startStub(t, (request) => {
    const refusal = refuse(request, account, now() / 1000);
    if (refusal) return respond({ Error: { Code: refusal, Message: `refused: ${request.body}` } });
    const { PhoneNumberSet, SmsSdkAppId, SignName, TemplateId, TemplateParamSet } = JSON.parse(
      request.body.toString('utf8'),
    );
    const [phone] = PhoneNumberSet;
    if (!/^\+861\d{10}$/.test(phone)) return state(phone, 'InvalidParameterValue.IncorrectPhoneNumber');
    if (SmsSdkAppId !== account.appId) return state(phone, 'UnauthorizedOperation.SmsSdkAppIdVerifyFail');
    if (SignName !== account.signName) return state(phone, 'FailedOperation.SignatureIncorrectOrUnapproved');
    if (TemplateId !== account.templateId || TemplateParamSet.length !== account.variables) {
      return state(phone, 'FailedOperation.TemplateIncorrectOrUnapproved');
    }
    if (now() - (lastAt.get(phone) ?? Number.NEGATIVE_INFINITY) < 30_000) {
      return state(phone, 'LimitExceeded.PhoneNumberThirtySecondLimit');
    }
    lastAt.set(phone, now());
    sent.push({ phone, parameters: TemplateParamSet });
    return state(phone, 'Ok', '5000:1045710669157053657849499619');
  });
  return { ...stub, sent };
}
