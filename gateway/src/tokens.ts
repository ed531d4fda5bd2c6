import { AppError } from '@vestibule/shared/errors';
import type { FastifyRequest } from 'fastify';

/** The name of the session's cookie: in production bound to this host and to TLS by its prefix. */
export const sessionCookie = (production: boolean): string => (production ? '__Host-session' : 'session');

/** A token as a request carries it; `ambient` when the browser adds it by itself, whichever page asks. */
export type CarriedToken = { token: string; ambient: boolean };

function bearer(request: FastifyRequest): string | undefined {
  const [, token] = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? [];
  return token;
}

function header(request: FastifyRequest): string | undefined {
  const { token } = request.headers;
  return typeof token === 'string' ? token.trim() : undefined;
}

/**
 * The token of a request: that of `Authorization: Bearer`, else that of the header `token`, else the cookie's.
 * The first place that holds one decides; the others are not looked at, not even when it turns out dead. So
 * what a client writes itself goes before what a browser adds, and nobody gains by sending several.
 */
export function findToken(request: FastifyRequest, cookieName: string): CarriedToken | undefined {
  const written = bearer(request) || header(request);
  if (written) return { token: written, ambient: false };
  const added = request.cookies[cookieName];
  return added ? { token: added, ambient: true } : undefined;
}

const safeMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Whether a request that changes something is a browser's whose page is foreign: it may do nothing with an ambient
 * token, and get none. A client that sends neither `Origin` nor `Sec-Fetch-Site` is no browser.
 */
export function isForeign(request: FastifyRequest, allowedOrigins: readonly string[]): boolean {
  if (safeMethods.includes(request.method)) return false;
  const { origin } = request.headers;
  if (request.headers['sec-fetch-site'] === 'cross-site') return true;
  if (origin === undefined) return false;
  return origin !== `${request.protocol}://${request.host}` && !allowedOrigins.includes(origin);
}

/**
 * For operations that set the cookie: no foreign page may sign a browser in to an account of its own choice. A browser
 * that calls the page the gateway's own is believed, also where the proxy in front hides what that is. Fails with
 * `origin-foreign`.
 */
export const refuseForeignPages =
  (allowedOrigins: readonly string[]) =>
  async (request: FastifyRequest): Promise<void> => {
    if (request.headers['sec-fetch-site'] === 'same-origin') return;
    if (isForeign(request, allowedOrigins)) throw new AppError('origin-foreign');
  };
