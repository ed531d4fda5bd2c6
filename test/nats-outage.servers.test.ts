import { until } from '@vestibule/shared/test/server-process';
import t from 'tap';
import { charityClient } from './harness/charity-client.ts';
import { startPlatform } from './harness/platform.ts';

t.setTimeout(900_000);

const deadlineMs = 2000;
const settings = { REQUEST_DEADLINE_MS: String(deadlineMs), LIMITS: 'off' };

type Timed = { status: number; retryAfter: string | null; body: unknown; ms: number };

async function timed(url: string, fields: object): Promise<Timed> {
  const started = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fields),
    signal: AbortSignal.timeout(10_000),
  });
  const body: unknown = await response.json();
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body,
    ms: performance.now() - started,
  };
}

t.test(
  'with NATS killed for 60 s the gateway answers 503 in time, and works within 2 s of its return',
  async (t) => {
    const platform = await startPlatform(t, { replicas: { verification: 0 }, settings });
    const [gateway = ''] = platform.gateways;
    const client = charityClient(gateway);
    const account = await client.register('1');
    await platform.nats.kill();

    const away = performance.now();
    const charity: Timed[] = [];
    const openid: Timed[] = [];
    await until(
      '60 s have passed',
      async () => {
        charity.push(await timed(`${gateway}/user/login/`, { id: account.id, password: 'sesame-4711' }));
        openid.push(await timed(`${gateway}/service/user/get`, { openid: 'o-nobody' }));
        return performance.now() - away > 60_000;
      },
      90_000,
    );
    for (const answer of [...charity, ...openid]) {
      if (answer.ms > deadlineMs + 500) t.fail(`an answer took ${Math.round(answer.ms)} ms`);
    }
    t.ok(charity.length > 50, 'many were asked');
    const [first] = charity;
    t.match(first?.retryAfter, /^\d+$/);
    const unavailable = { code: 503, msg: 'Service unavailable' };
    t.ok(charity.every(({ status }) => status === 503));
    t.same(new Set(charity.map(({ body }) => JSON.stringify(body))), new Set([JSON.stringify(unavailable)]));
    t.ok(openid.every(({ status }) => status === 503));
    t.match(openid[0]?.body, { code: -3, msg: String });

    await platform.nats.restart();
    const back = performance.now();
    await until('a login works again', async () => (await client.login(account.id)).code === 200, 10_000);
    t.ok(
      performance.now() - back < 2000,
      `worked ${Math.round(performance.now() - back)} ms after the return`,
    );
    for (let round = 0; round < 20; round += 1) {
      t.equal((await client.login(account.id)).code, 200, 'and goes on working, on every replica');
    }
  },
);

t.test('what was asked while NATS was frozen is answered 503 and not done later', async (t) => {
  const platform = await startPlatform(t, { replicas: { verification: 0 }, settings });
  const [gateway = ''] = platform.gateways;
  const client = charityClient(gateway);
  const admin = await client.register('0');
  await platform.nats.freeze();
  const asked = await Promise.all(
    Array.from({ length: 20 }, () =>
      timed(`${gateway}/user/register/`, {
        first_name: 'Late',
        last_name: 'Comer',
        role: '1',
        password: 'sesame-4711',
      }),
    ),
  );
  t.same(new Set(asked.map(({ status }) => status)), new Set([503]));
  t.ok(asked.every(({ ms }) => ms < deadlineMs + 500));

  platform.nats.thaw();
  await until('a registration works again', async () => (await client.register('2')).id !== '', 10_000);
  const found = await client.post('search', { first_name: 'late' }, admin.token);
  t.same(found.data, { id_list: [] }, 'no late execution');
});
