import { createHash } from 'node:crypto';

/**
 * What says of a session which openid it proves, without telling it: SHA-256 in base64url. The 28 characters of
 * WeChat's openids cannot be guessed back from it.
 */
export const openidHash = (openid: string): string => createHash('sha256').update(openid).digest('base64url');
