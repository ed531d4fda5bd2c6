import { movableClock } from '@vestibule/shared/test/movable-clock';
import t, { type Test } from 'tap';
import { readGatewaySettings } from '../src/config.ts';
import { clientOf } from './harness/client.ts';
import { account, fakeParts } from './harness/fakes.ts';
import { startGateway } from './harness/platform.ts';
import { wechatUser } from './harness/repair.ts';

const token = 'a-token';
const donor = { first_name: 'Sara', last_name: 'Hammer', role: '1', password: 'sesame-4711' };
const worker = { action: 'register', code: 'a-code', userinfo: { name: 'zhangsan1' } };

/** Two gateways, asked in turn, whose services register everybody. */
async function start(t: Test, environment: Record<string, string>) {
  const clock = movableClock();
  const { parts, countOf } = await fakeParts(
    {
      auth: {
        register: async () => ({ account: account(), token }),
        registerByWechat: async () => ({ user: wechatUser(), token }),
      },
    },
    { clock },
  );
  const clients = [
    clientOf(await startGateway(t, parts, { environment })),
    clientOf(await startGateway(t, parts, { environment })),
  ];
  let turn = 0;
  const send = (path: string, fields: object, address = '192.0.2.10') => {
    turn += 1;
    const client = clients[turn % 2];
    if (client === undefined) throw new Error('there are two gateways');
    return client.post(path, fields, { address });
  };
  return {
    clock,
    countOf,
    charity: (fields: object = {}, address?: string) =>
      send('/user/register', { ...donor, ...fields }, address),
    repair: (fields: object = {}, address?: string) => send('/api/user', { ...worker, ...fields }, address),
    update: () => send('/api/user', { action: 'update' }),
  };
}

t.test('an address registers so often within a window, over both documents and all gateways', async (t) => {
  const { charity, repair, update, countOf, clock } = await start(t, { REGISTER_RATE: '4' });
  t.match(
    (await charity({ first_name: '' })).body,
    { code: 400 },
    'what is refused for its fields is not counted',
  );
  t.match((await repair({ code: '' })).body, { code: -1 });
  for (const answer of [await charity(), await repair(), await charity(), await repair()]) {
    t.equal(answer.status, 200);
  }

  const donors = await charity();
  t.equal(donors.status, 429);
  t.strictSame(donors.body, { code: 429, msg: 'Too many requests' });
  t.equal(donors.headers['retry-after'], '3600');
  const workers = await repair();
  t.equal(workers.status, 429);
  t.strictSame(workers.body, { code: -2, msg: '请求过于频繁，请稍后再试', data: {} });
  t.equal(workers.headers['retry-after'], '3600');
  t.equal(
    countOf('auth.register') + countOf('auth.register-by-wechat'),
    4,
    'nothing is hashed, no code spent',
  );

  t.equal((await update()).status, 401, 'what is no registration is not limited by it');
  t.equal((await charity({}, '192.0.2.11')).status, 200, 'another address has its own');
  clock.advance(3_600_001);
  t.equal((await charity()).status, 200, 'and so has the next window');
});

t.test('500 registrations at once from one address are let pass, in production too', async (t) => {
  for (const NODE_ENV of ['development', 'production']) {
    const { charity } = await start(t, { NODE_ENV });
    const answers = await Promise.all(Array.from({ length: 500 }, () => charity()));
    t.strictSame(new Set(answers.map(({ status }) => status)), new Set([200]), NODE_ENV);
  }
});

t.test('how many these are by default hangs on the profile', async (t) => {
  t.equal(readGatewaySettings({ NODE_ENV: 'production' }).REGISTER_RATE, 1000);
  t.equal(readGatewaySettings({ NODE_ENV: 'development' }).REGISTER_RATE, 20_000);
  t.equal(readGatewaySettings({ NODE_ENV: 'production', REGISTER_RATE: '7' }).REGISTER_RATE, 7);
});

t.test('LIMITS=off counts no registration', async (t) => {
  const { charity, repair } = await start(t, { REGISTER_RATE: '1', LIMITS: 'off' });
  for (const answer of [await charity(), await repair(), await charity()]) t.equal(answer.status, 200);
});
