import { createHash } from 'node:crypto';

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** What is to be signed of a POST to `/`. */
export type SignedParts = {
  /** The query as it stands in the URL, sorted and escaped. */
  query: string;
  /** The headers that the signature covers, under their names in small letters. */
  headers: Readonly<Record<string, string>>;
  body: string;
};

/** The form that Tencent's TC3 and Aliyun's ACS3 share: the text to hash, and the names of its headers. */
export function canonicalRequest({ query, headers, body }: SignedParts) {
  const sorted = Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1));
  const signedHeaders = sorted.map(([name]) => name).join(';');
  const lines = sorted.map(([name, value]) => `${name}:${value.trim()}\n`).join('');
  return { signedHeaders, text: ['POST', '/', query, lines, signedHeaders, sha256(body)].join('\n') };
}
