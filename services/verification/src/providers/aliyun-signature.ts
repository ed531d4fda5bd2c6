import { createHmac } from 'node:crypto';
import { canonicalRequest, type SignedParts, sha256 } from './canonical-request.ts';

const algorithm = 'ACS3-HMAC-SHA256';

/**
 * The `Authorization` of a request to Aliyun, signature version 3:
 * https://help.aliyun.com/document_detail/2593177.html
 */
export function aliyunAuthorization(
  key: { accessKeyId: string; accessKeySecret: string },
  parts: SignedParts,
): string {
  const { signedHeaders, text } = canonicalRequest(parts);
  const stringToSign = [algorithm, sha256(text)].join('\n');
  const signature = createHmac('sha256', key.accessKeySecret).update(stringToSign).digest('hex');
  return `${algorithm} Credential=${key.accessKeyId},SignedHeaders=${signedHeaders},Signature=${signature}`;
}

/** Escapes as RFC 3986 has it, which `encodeURIComponent` does but for these five. */
const escapeText = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** The parameters as they are signed, and as they must stand in the URL. */
export function aliyunQuery(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${escapeText(name)}=${escapeText(value)}`)
    .join('&');
}
