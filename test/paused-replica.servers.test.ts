import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { charityClient } from './harness/charity-client.ts';
import { type Ask, goodPart, pacedLoad } from './harness/paced-load.ts';
import { startPlatform } from './harness/platform.ts';

t.setTimeout(600_000);

const deadlineMs = 5000;
const pausedForMs = 12_000;
/** From here on what hangs must have been noticed. */
const noticedMs = 5000;

t.test('one of two replicas of any service may hang: from the fifth second on others answer', async (t) => {
  const settings = { LIMITS: 'off', REQUEST_DEADLINE_MS: String(deadlineMs) };
  // As deploy/nats.conf has it.
  const natsSettings = ['ping_interval: "2s"', 'ping_max: 2', 'write_deadline: "2s"'];
  const { gateways, parts } = await startPlatform(t, { settings, natsSettings });
  const [gateway = ''] = gateways;
  const password = 'sesame-4711';
  const { id, token } = await charityClient(gateway).register('1', password);
  const within = { signal: AbortSignal.timeout(300_000) };
  const post = async (path: string, fields: object) => {
    const headers = { 'content-type': 'application/json', token };
    const body = JSON.stringify(fields);
    const response = await fetch(`${gateway}${path}`, { method: 'POST', headers, body, ...within });
    return Object(await response.json()).code === 200 ? 'good' : String(response.status);
  };
  const read: Ask = { name: 'read', ask: () => post('/user/getuser/', { id }) };
  const asks: Ask[] = [
    ...Array(8).fill(read),
    { name: 'login', ask: () => post('/user/login/', { id, password }) },
    {
      name: 'change',
      ask: () => post('/user/changeinformation/', { first_name: 'Sara', last_name: 'Hammer' }),
    },
    {
      name: 'captcha',
      ask: async () => {
        const response = await fetch(`${gateway}/captcha`, within);
        return Object(await response.json()).status === true ? 'good' : String(response.status);
      },
    },
    {
      name: 'inbox',
      ask: async () => {
        const response = await fetch(`${gateway}/api/process/task`, { headers: { token }, ...within });
        return Object(await response.json()).code === 0 ? 'good' : String(response.status);
      },
    },
  ];

  for (const name of ['auth', 'user', 'verification', 'process'] as const) {
    const paused = parts.find((part) => part.name === name);
    if (!paused) throw new Error(`there is a ${name}`);
    const enough = new AbortController();
    const asked = pacedLoad(asks, { perSecond: 200, signal: enough.signal });
    await paused.freeze();
    const begin = performance.now();
    await delay(pausedForMs);
    enough.abort();
    const all = await asked;
    paused.thaw();
    const late = all.filter(({ atMs }) => atMs > begin + noticedMs);
    const part = goodPart(late);
    const slowest = Math.max(...all.map(({ ms }) => ms));
    t.comment(
      `${name}: ${(goodPart(all) * 100).toFixed(2)} % good in all of ${all.length}, ${(part * 100).toFixed(2)} % of ${late.length} from the fifth second on, slowest ${Math.round(slowest)} ms`,
    );
    t.ok(late.length > 1000, 'many were asked');
    t.ok(part >= 0.995, `${name}: ${part} of ${late.length} were answered well`);
    t.ok(slowest < deadlineMs + 500, `${name}: the slowest answer took ${slowest} ms`);
    for (const { name: kind } of asks) {
      const own = late.filter((one) => one.name === kind);
      if (goodPart(own) < 0.95) t.fail(`${kind} was not answered while ${name} hung`);
    }
  }
});
