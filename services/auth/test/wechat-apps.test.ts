import { authContracts } from '@vestibule/shared/contracts/auth';
import { testParts } from '@vestibule/shared/test/parts';
import t, { type Test } from 'tap';
import { readAuthSettings } from '../src/config.ts';
import { gateway, startAuth } from './auth-service.ts';
import { startWeChatStub, wechatSettings } from './wechat-stub.ts';

const apps = [
  { appid: 'wx-first', secret: 'one' },
  { appid: 'wx-second', secret: 'two' },
];
const several = { WECHAT_APPID: 'wx-first, wx-second', WECHAT_SECRET: 'one,two' };

async function platform(t: Test) {
  const stub = await startWeChatStub(t, {}, apps);
  const parts = await testParts(t);
  await startAuth(t, parts, { environment: { ...wechatSettings(stub), ...several } });
  const { call } = gateway(parts);
  const exchange = async (code: string, appid?: string) =>
    (await call(authContracts.exchangeCode, { code, bind: false, ...(appid && { appid }) })).openid;
  return { ...stub, exchange };
}

t.test('ids and secrets are paired in their order', async (t) => {
  t.strictSame(readAuthSettings(several).wechatApps, apps);
  t.strictSame(readAuthSettings({}).wechatApps, []);
});

t.test('wrong lists stop the start with one line that names', async (t) => {
  const wrong: Record<string, [settings: Record<string, string>, message: RegExp]> = {
    'a secret too few': [{ ...several, WECHAT_SECRET: 'one' }, /^WECHAT_SECRET is not valid: .+$/],
    'a secret too many': [{ ...several, WECHAT_SECRET: 'one,two,three' }, /^WECHAT_SECRET is not valid: .+$/],
    'an empty secret': [{ ...several, WECHAT_SECRET: 'one,' }, /^WECHAT_SECRET is not valid: .+$/],
    'an empty id': [{ ...several, WECHAT_APPID: 'wx-first,,wx-second' }, /^WECHAT_APPID is not valid: .+$/],
    'an id with a space': [{ ...several, WECHAT_APPID: 'wx first,b' }, /^WECHAT_APPID is not valid: .+$/],
    'an id twice': [{ WECHAT_APPID: 'a,a', WECHAT_SECRET: 'one,two' }, /^WECHAT_APPID is not valid: .+$/],
    'ids without secrets': [{ WECHAT_APPID: 'a' }, /^WECHAT_SECRET is not set: .+$/],
    'secrets without ids': [{ WECHAT_SECRET: 'one' }, /^WECHAT_APPID is not set: .+$/],
    'no time to wait': [{ WECHAT_TIMEOUT_MS: '0' }, /^WECHAT_TIMEOUT_MS is not valid: .+$/],
    'no time for an exchange': [{ WECHAT_EXCHANGE_MS: '1' }, /^WECHAT_EXCHANGE_MS is not valid: .+$/],
  };
  for (const [name, [settings, message]] of Object.entries(wrong)) {
    t.test(name, async (t) => {
      t.throws(() => readAuthSettings(settings), { name: 'SettingError', message });
    });
  }
});

t.test('a code is traded for the app that is named, else for the first', async (t) => {
  const { exchange, issue, asked } = await platform(t);
  issue('first', { openid: 'o-of-first' }, 'wx-first');
  issue('second', { openid: 'o-of-second' }, 'wx-second');
  t.equal(await exchange('first'), 'o-of-first');
  t.equal(await exchange('second', 'wx-second'), 'o-of-second');
  t.strictSame(
    asked.map(({ searchParams }) => [searchParams.get('appid'), searchParams.get('secret')]),
    [
      ['wx-first', 'one'],
      ['wx-second', 'two'],
    ],
  );
});

t.test('a code of one app is none of another', async (t) => {
  const { exchange, issue } = await platform(t);
  issue('code', { openid: 'o-of-second' }, 'wx-second');
  await t.rejects(exchange('code'), { code: 'wechat-refused' });
  t.equal(await exchange('code', 'wx-second'), 'o-of-second');
});

t.test('what comes from an app that is not configured is asked for the first one', async (t) => {
  const { exchange, issue, asked } = await platform(t);
  t.equal(await exchange(issue('code', { openid: 'o' }, 'wx-first'), 'wx-third'), 'o');
  t.strictSame(
    asked.map(({ searchParams }) => searchParams.get('appid')),
    ['wx-first'],
  );
});
