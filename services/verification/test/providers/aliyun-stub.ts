import { createHash, createHmac } from 'node:crypto';
import type { Test } from 'tap';
import { type Received, type Stub, type StubAnswer, startStub } from './stubs.ts';

const hex = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

/** RFC 3986: A-Z a-z 0-9 - _ . ~ stay, every other byte of the UTF-8 text becomes %XX. */
function escapeBytes(text: string): string {
  let escaped = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const sign = String.fromCharCode(byte);
    escaped += /[A-Za-z0-9\-_.~]/.test(sign) ? sign : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}

const parametersOf = (request: Received) =>
  new Map(
    (request.target.split('?')[1] ?? '')
      .split('&')
      .map((pair) => pair.split('='))
      .map(([name = '', value = '']) => [decodeURIComponent(name), decodeURIComponent(value)] as const),
  );

/**
 * The signature that a request to Aliyun must have, worked out of the request as it came, by the
 * specification alone: https://help.aliyun.com/document_detail/2593177.html (V3版本请求体&签名机制).
 */
export function aliyunSignature(request: Received, signed: string, secret: string): string {
  const query = [...parametersOf(request).keys()]
    .sort()
    .map((name) => `${escapeBytes(name)}=${escapeBytes(parametersOf(request).get(name) ?? '')}`)
    .join('&');
  const lines = signed.split(';').map((name) => `${name}:${(request.headers.get(name) ?? '').trim()}\n`);
  const canonical = `${request.method}\n${request.target.split('?')[0]}\n${query}\n${lines.join('')}\n${signed}\n${hex(request.body)}`;
  return createHmac('sha256', secret)
    .update(`ACS3-HMAC-SHA256\n${hex(canonical)}`)
    .digest('hex');
}

/** What is registered at Aliyun. */
export type AliyunAccount = {
  accessKeyId: string;
  accessKeySecret: string;
  signName: string;
  templateCode: string;
  variable: string;
};
export type AliyunSms = { phone: string; code: string };

const authorizationForm =
  /^ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([a-z0-9;-]+),Signature=([0-9a-f]{64})$/;

/** Aliyun's SMS: https://help.aliyun.com/document_detail/55284.html (SendSms). */
export async function startAliyunStub(
  t: Test,
  { account, now }: { account: AliyunAccount; now: () => number },
): Promise<Stub & { sent: AliyunSms[]; nonces: Set<string> }> {
  const sent: AliyunSms[] = [];
  const nonces = new Set<string>();
  const requestId = 'F655A8D5-B967-440B-8683-DAD6FF8DE990';
  const respond = (Code: string, status: number, Message: string = Code): StubAnswer => ({
    status,
    body: JSON.stringify({ Code, Message, RequestId: requestId, BizId: '900619746936498440^0' }),
  });

  /** Errors of the gateway come with an HTTP status of their own, those of the SMS service with 200. */
  function refuse(request: Received): StubAnswer | null {
    const header = (name: string) => request.headers.get(name) ?? '';
    const match = authorizationForm.exec(header('authorization'));
    if (!match) return respond('IncompleteSignature', 400);
    const [, accessKeyId, signed = '', signature] = match;
    if (accessKeyId !== account.accessKeyId) return respond('InvalidAccessKeyId.NotFound', 404);
    const common = [...request.headers.keys()].filter(
      (name) => name === 'host' || name === 'content-type' || name.startsWith('x-acs-'),
    );
    if (signed !== common.sort().join(';')) return respond('IncompleteSignature', 400);
    if (header('x-acs-content-sha256') !== hex(request.body)) return respond('SignatureDoesNotMatch', 400);
    if (signature !== aliyunSignature(request, signed, account.accessKeySecret)) {
      return respond('SignatureDoesNotMatch', 400);
    }
    const date = header('x-acs-date');
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(date)) return respond('InvalidTimeStamp.Format', 400);
    if (Math.abs(now() - Date.parse(date)) > 15 * 60_000) return respond('InvalidTimeStamp.Expired', 400);
    const nonce = header('x-acs-signature-nonce');
    if (nonces.has(nonce)) return respond('SignatureNonceUsed', 400);
    nonces.add(nonce);
    if (header('x-acs-action') !== 'SendSms') return respond('InvalidAction.NotFound', 404);
    if (header('x-acs-version') !== '2017-05-25') return respond('InvalidVersion', 400);
    return null;
  }

  const stub = await startStub(t, (request) => {
    const refusal = refuse(request);
    if (refusal) return refusal;
    const parameters = parametersOf(request);
    const phone = parameters.get('PhoneNumbers') ?? '';
    const template = JSON.parse(parameters.get('TemplateParam') ?? '{}');
    if (!/^1\d{10}$/.test(phone)) return respond('isv.MOBILE_NUMBER_ILLEGAL', 200);
    if (parameters.get('SignName') !== account.signName) return respond('isv.SMS_SIGNATURE_ILLEGAL', 200);
    if (parameters.get('TemplateCode') !== account.templateCode)
      return respond('isv.SMS_TEMPLATE_ILLEGAL', 200);
    const code = template[account.variable];
    if (typeof code !== 'string') return respond('isv.TEMPLATE_MISSING_PARAMETERS', 200);
    sent.push({ phone, code });
    return respond('OK', 200);
  });
  return { ...stub, sent, nonces };
}
