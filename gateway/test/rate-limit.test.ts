import { AppError } from '@vestibule/shared/errors';
import type { Store } from '@vestibule/shared/store/store';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { testGatewayParts } from '@vestibule/shared/test/parts';
import t, { type Test } from 'tap';
import { clientOf } from './harness/client.ts';
import { fakeParts } from './harness/fakes.ts';
import { startGateway } from './harness/platform.ts';

const limited = { code: -2, msg: '请求过于频繁，请稍后再试', data: [] };
const operations = ['login', 'getOpenid', 'update', 'addHistory', 'getHistory', 'cleanHistory'];

/** Two gateways on the same parts; every request is refused for its fields, or for the limit. */
async function start(t: Test, environment: Record<string, string> = {}, changed: Partial<Store> = {}) {
  const { bus, store, clock } = await testGatewayParts(t);
  const parts = { bus, store: { ...store, ...changed }, clock };
  const one = clientOf(await startGateway(t, parts, { environment }));
  const two = clientOf(await startGateway(t, parts, { environment }));
  let turn = 0;
  const ask = (address = '203.0.113.7', operation = operations[turn % operations.length]) => {
    turn += 1;
    const client = turn % 2 === 0 ? one : two;
    return client.post(`/service/user/${operation}`, {}, { address });
  };
  return { ask, one };
}

t.test('120 requests a minute from one address, over all operations and gateways', async (t) => {
  const { ask, one } = await start(t);
  const statuses = (await Promise.all(Array.from({ length: 120 }, () => ask()))).map(({ status }) => status);
  t.strictSame(new Set(statuses), new Set([200]));
  for (let more = 0; more < 4; more += 1) {
    const { status, body, headers } = await ask();
    t.equal(status, 429);
    t.strictSame(body, limited);
    t.match(headers['retry-after'], /^([1-9]|[1-5]\d|60)$/);
  }
  t.match((await ask('203.0.113.7', 'get')).body, { code: -3 }, 'with the "other" code of the operation');
  t.equal((await ask('203.0.113.8')).status, 200, 'another address has its own');
  const charity = await one.post('/user/login', {});
  t.strictSame(charity.body, { code: 400, msg: 'Bad request' }, 'another dialect is not limited by it');
});

t.test('a client that claims another address with each request is counted as one', async (t) => {
  const { parts } = await fakeParts({});
  const client = clientOf(await startGateway(t, parts, { environment: { OPENID_RATE: '3' } }));
  const statuses: number[] = [];
  for (let turn = 1; turn <= 5; turn += 1) {
    const claimed = `198.51.100.${turn}`;
    const headers = {
      'x-forwarded-for': `${claimed}, 10.0.0.1`,
      'x-real-ip': claimed,
      forwarded: `for=${claimed}`,
    };
    statuses.push((await client.post('/service/user/get', {}, { headers })).status);
  }
  t.strictSame(statuses, [200, 200, 200, 429, 429]);
});

t.test('the window of an address begins with its first request, and ends', async (t) => {
  const clock = movableClock();
  const { parts } = await fakeParts({}, { clock });
  const client = clientOf(await startGateway(t, parts, { environment: { OPENID_RATE: '2' } }));
  const ask = async () => (await client.post('/service/user/get', {})).status;
  t.equal(await ask(), 200);
  clock.advance(59_000);
  t.equal(await ask(), 200);
  t.equal(await ask(), 429);
  clock.advance(1001);
  t.strictSame([await ask(), await ask(), await ask()], [200, 200, 429]);
});

t.test('all addresses of an IPv6 subscriber count as one', async (t) => {
  const { ask } = await start(t, { OPENID_RATE: '2' });
  t.equal((await ask('2001:db8:1:2::1')).status, 200);
  t.equal((await ask('2001:db8:1:2::2')).status, 200);
  t.equal((await ask('2001:db8:1:2:ffff::3')).status, 429);
  t.equal((await ask('2001:db8:1:3::1')).status, 200);
});

t.test('with the store away each gateway goes on counting by itself', async (t) => {
  const count = () => Promise.reject(new AppError('store-unavailable'));
  const { ask } = await start(t, { OPENID_RATE: '5' }, { count });
  const statuses: number[] = [];
  for (let turn = 0; turn < 12; turn += 1) statuses.push((await ask()).status);
  t.equal(statuses.filter((status) => status === 200).length, 10);
  t.strictSame(statuses.slice(-2), [429, 429]);
});

t.test('LIMITS=off counts nothing', async (t) => {
  const { ask } = await start(t, { OPENID_RATE: '1', LIMITS: 'off' });
  for (let turn = 0; turn < 5; turn += 1) t.equal((await ask()).status, 200);
});
