import { createHmac } from 'node:crypto';
import { canonicalRequest, type SignedParts, sha256 } from './canonical-request.ts';

const algorithm = 'TC3-HMAC-SHA256';
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/**
 * The `Authorization` of a request to Tencent Cloud, signature version 3:
 * https://cloud.tencent.com/document/api/213/30654. `seconds` since 1970 is the `X-TC-Timestamp`.
 */
export function tencentAuthorization(
  key: { secretId: string; secretKey: string; service: string; seconds: number },
  { headers, ...parts }: SignedParts,
): string {
  const small = Object.entries(headers).map(([name, value]) => [name, value.toLowerCase()]);
  const { signedHeaders, text } = canonicalRequest({ ...parts, headers: Object.fromEntries(small) });
  const date = new Date(key.seconds * 1000).toISOString().slice(0, 10);
  const scope = `${date}/${key.service}/tc3_request`;
  const stringToSign = [algorithm, key.seconds, scope, sha256(text)].join('\n');
  const dateKey = hmac(`TC3${key.secretKey}`, date);
  const signingKey = hmac(hmac(dateKey, key.service), 'tc3_request');
  const signature = hmac(signingKey, stringToSign).toString('hex');
  return `${algorithm} Credential=${key.secretId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}
