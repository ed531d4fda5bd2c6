import { authContracts } from '@vestibule/shared/contracts/auth';
import { testParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import t, { type Test } from 'tap';
import { claimsOf, gateway, startAuth, startUser } from './auth-service.ts';
import { type Answer, json, startWeChatStub, wechatSettings } from './wechat-stub.ts';

const session = { openid: 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M', session_key: 'tiihtNczf5v6AKRyjwEUhQ==' };
const unavailable = { code: 'wechat-unavailable', details: {} };

async function platform(t: Test, answers: Record<string, Answer>, environment: Record<string, string> = {}) {
  const stub = await startWeChatStub(t, answers);
  const parts = await testParts(t);
  const log: string[] = [];
  await startUser(t, parts);
  await startAuth(t, parts, {
    log,
    environment: { ...wechatSettings(stub), ...environment },
  });
  const { call, verify, logout } = gateway(parts);
  const exchange = (code: string, bind = false) => call(authContracts.exchangeCode, { code, bind });
  return { exchange, verify, logout, call, asked: stub.asked, log };
}

t.test('a code is traded for its openid by the documented call, and for nothing else', async (t) => {
  const { exchange, asked } = await platform(t, { 'a code/?&': json(session) });
  t.strictSame(await exchange('a code/?&'), { openid: 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M', token: null });
  t.equal(asked.length, 1);
  t.equal(
    `${asked[0]?.pathname}${asked[0]?.search}`,
    '/sns/jscode2session?appid=wx-app&secret=wx-secret&js_code=a+code%2F%3F%26&grant_type=authorization_code',
  );
});

t.test('a base with a path and a slash at its end is a base too', async (t) => {
  const stub = await startWeChatStub(t, { code: json(session) });
  const { exchange } = await platform(t, {}, { WECHAT_API_BASE: `${stub.base}/dev/wechat/` });
  await exchange('code');
  t.equal(stub.asked[0]?.pathname, '/dev/wechat/sns/jscode2session');
});

t.test('`bind` opens a session of the proved openid, without an account', async (t) => {
  const { exchange, verify, logout } = await platform(t, { code: json(session) });
  const { token } = await exchange('code', true);
  const claims = claimsOf(token ?? '');
  t.notOk('sub' in claims);
  t.strictSame(await verify(token ?? ''), {
    sessionId: claims.sid,
    account: null,
    openidHash: 'MM_lORqxqFU-F38GMEbU_osmj5i8F-MuTERhvr4oFwc',
  });
  t.notMatch(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString(), session.openid);
  await logout(token ?? '');
  await t.rejects(verify(token ?? ''), { code: 'session-dead' });
});

t.test('WeChat refuses', async (t) => {
  const codes = [40029, 40163, 40226, 41008];
  const { exchange, asked } = await platform(
    t,
    Object.fromEntries(codes.map((errcode) => [String(errcode), json({ errcode, errmsg: 'no' })])),
  );
  for (const code of codes) {
    t.test(`errcode ${code} is the code's fault`, async (t) => {
      await t.rejects(exchange(String(code)), { code: 'wechat-refused' });
    });
  }
  t.test('and is not asked twice', async (t) => t.equal(asked.length, 4));
});

t.test('errcode 45011 says when to come back: codes of a user are counted by the minute', async (t) => {
  const { exchange, asked } = await platform(t, { often: json({ errcode: 45011, errmsg: 'often' }) });
  await t.rejects(exchange('often'), { code: 'wechat-unavailable', details: { retryAfterSeconds: 60 } });
  t.equal(asked.length, 1);
});

t.test('WeChat does not serve', async (t) => {
  const noise = Buffer.alloc(10_000_000, ' ');
  let busyOnce = 0;
  let connectionsCut = 0;
  let endlessCut = false;
  const { exchange, asked, log } = await platform(t, {
    'wrong secret': json({ errcode: 40125, errmsg: 'invalid appsecret' }),
    busy: json({ errcode: -1, errmsg: 'system error' }),
    'busy once': (request, response) => {
      busyOnce += 1;
      json(busyOnce === 1 ? { errcode: -1 } : session)(request, response);
    },
    'no json': (_request, response) => response.end('<html>'),
    'no object': json(null),
    'no openid': json({ errcode: 0, errmsg: 'ok' }),
    'empty openid': json({ ...session, openid: '' }),
    'openid with NUL': json({ ...session, openid: 'a\u0000b' }),
    'status 500': (_request, response) => response.writeHead(500).end(JSON.stringify(session)),
    redirect: (_request, response) =>
      response.writeHead(302, { location: '/sns/jscode2session?js_code=served' }).end(),
    served: json(session),
    'ten megabytes': (_request, response) => {
      response.on('close', () => {
        if (!response.writableFinished) connectionsCut += 1;
      });
      response.end(noise);
    },
    endless: (_request, response) => {
      const spaces = Buffer.alloc(16_384, ' ');
      const more = () => response.write(spaces, (error) => (error ? undefined : setImmediate(more)));
      response.on('close', () => {
        endlessCut = true;
      });
      more();
    },
    cut: (_request, response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('{"openid":');
      response.destroy();
    },
  });

  for (const code of ['wrong secret', 'no json', 'no object', 'no openid', 'empty openid']) {
    t.test(code, async (t) => {
      asked.length = 0;
      await t.rejects(exchange(code), unavailable);
      t.equal(asked.length, 1, 'asked once');
    });
  }
  for (const code of ['openid with NUL', 'status 500', 'redirect', 'cut']) {
    t.test(code, async (t) => {
      asked.length = 0;
      await t.rejects(exchange(code), unavailable);
      t.equal(asked.length, 1, 'asked once');
    });
  }
  t.test('an endless body is not read for longer than its bound', async (t) => {
    await t.rejects(exchange('endless'), unavailable);
    await t.resolves(until('the connection is cut', () => endlessCut));
  });
  t.test('ten megabytes, which are not read to their end', async (t) => {
    await t.rejects(exchange('ten megabytes'), unavailable);
    await t.resolves(until('the connection is cut', () => connectionsCut === 1));
  });
  t.test('busy is asked once more, and no more', async (t) => {
    asked.length = 0;
    await t.rejects(exchange('busy'), unavailable);
    t.equal(asked.length, 2);
    t.strictSame(await exchange('busy once'), { openid: session.openid, token: null });
  });
  t.test('the log names what failed, and neither code, secret, openid nor session key', async (t) => {
    const lines = log.join('');
    t.match(lines, '"errcode":40125');
    for (const secret of ['wrong secret', 'js_code', 'wx-secret', session.openid, session.session_key]) {
      t.notMatch(lines, secret);
    }
  });
});

t.test('whoever waits too long', async (t) => {
  const slow: Record<string, Answer> = {
    'for an answer': () => {},
    'for the rest of a body': (_request, response) => void response.write('{"openid":'),
  };
  const { exchange, asked } = await platform(t, slow, { WECHAT_TIMEOUT_MS: '500' });
  for (const code of Object.keys(slow)) {
    t.test(`${code} is told that WeChat is away`, async (t) => {
      asked.length = 0;
      await t.rejects(exchange(code), unavailable);
      t.equal(asked.length, 1, 'asked once');
    });
  }
});

t.test('nobody is there', async (t) => {
  const { exchange } = await platform(t, {}, { WECHAT_API_BASE: 'http://127.0.0.1:9' });
  await t.rejects(exchange('code'), unavailable);
});

t.test('without WECHAT_APPID and WECHAT_SECRET nothing is asked', async (t) => {
  const { exchange, asked, log } = await platform(t, {}, { WECHAT_APPID: '', WECHAT_SECRET: '' });
  await t.rejects(exchange('code'), unavailable);
  t.equal(asked.length, 0);
  t.match(log.join(''), 'WECHAT_APPID and WECHAT_SECRET are not set');
});
