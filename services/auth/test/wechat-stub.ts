import { createCipheriv, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** What WeChat answers when it takes a code. */
export type StubSession = { openid: string; session_key?: string; unionid?: string };

/** Answers with JSON, as WeChat does: under a content type of text. */
export const json =
  (body: unknown): Answer =>
  (_request, response) =>
    response.setHeader('content-type', 'text/plain').end(JSON.stringify(body));

/** Encrypts as a mini-program gets it from WeChat. */
export function encrypt(sessionKey: string, data: string | Buffer): { data: string; iv: string } {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-128-cbc', Buffer.from(sessionKey, 'base64'), iv);
  const encrypted = Buffer.concat([cipher.update(data), cipher.final()]);
  return { data: encrypted.toString('base64'), iv: iv.toString('base64') };
}

/** The app whose codes are issued unless a test says otherwise, and the settings that name it. */
export const app = { appid: 'wx-app', secret: 'wx-secret' };

/**
 * `sns/jscode2session` as WeChat's documentation describes it, on a real HTTP server: a code is good once and
 * for the app that it was issued for. `answers` are given to their codes instead. Keeps what it was asked.
 */
export async function startWeChatStub(
  t: Test,
  answers: Readonly<Record<string, Answer>> = {},
  apps: readonly { appid: string; secret: string }[] = [app],
) {
  const asked: URL[] = [];
  const issued = new Map<string, { appid: string; session: StubSession; used: boolean }>();
  let held: Promise<void> = Promise.resolve();

  function verdict(query: URLSearchParams): object {
    const appid = query.get('appid') ?? '';
    const code = query.get('js_code') ?? '';
    const known = apps.find((one) => one.appid === appid);
    if (known === undefined) return { errcode: 40013, errmsg: 'invalid appid' };
    if (known.secret !== query.get('secret')) return { errcode: 40125, errmsg: 'invalid appsecret' };
    if (code === '') return { errcode: 41008, errmsg: 'missing code' };
    const found = issued.get(code);
    if (found === undefined || found.appid !== appid) return { errcode: 40029, errmsg: 'invalid code' };
    if (found.used) return { errcode: 40163, errmsg: 'code been used' };
    found.used = true;
    return found.session;
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://stub');
    asked.push(url);
    const special = answers[url.searchParams.get('js_code') ?? ''];
    if (special) return special(request, response);
    const body = verdict(url.searchParams);
    void held.then(() => json(body)(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  // An HTTP server that listens on a port has an address of this shape.
  const { port } = server.address() as AddressInfo;
  return {
    base: `http://127.0.0.1:${port}`,
    asked,
    /** Makes a code good. */
    issue(code: string, session: StubSession, appid = app.appid): string {
      issued.set(code, { appid, session, used: false });
      return code;
    },
    /** From now on codes are spent when they arrive, and answered when the function that is answered is called. */
    hold(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
  };
}
export type WeChatStub = Awaited<ReturnType<typeof startWeChatStub>>;

/** Settings of an auth service whose WeChat is the stub; it waits as long as a busy machine may need. */
export const wechatSettings = ({ base }: WeChatStub): Record<string, string> => ({
  WECHAT_APPID: app.appid,
  WECHAT_SECRET: app.secret,
  WECHAT_API_BASE: base,
  WECHAT_TIMEOUT_MS: '10000',
});
