import t from 'tap';
import { charityClient } from './harness/charity-client.ts';
import { startPlatform } from './harness/platform.ts';

t.setTimeout(900_000);

const password = 'sesame-4711';
const floods = 5;
const guesses = 200;
const duels = 200;

const platform = await startPlatform(t, {
  replicas: { verification: 0, process: 0 },
  // A busy machine refuses nothing for want of time, and counts nothing in two places.
  settings: {
    TRUSTED_PROXIES: 'loopback',
    REQUEST_DEADLINE_MS: '60000',
    MAX_LOOP_DELAY_MS: '60000',
    STORE_TIMEOUT_MS: '250',
    HASH_QUEUE: '1000',
  },
});
const [first = '', second = ''] = platform.gateways;
const client = charityClient(first);
const gatewayOf = (index: number) => (index % 2 === 0 ? first : second);

type Answer = { status: number; body: { code?: number; status?: boolean; data?: unknown } };

async function ask(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(60_000) });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

/** Asks with a password, as a client behind the proxy: a login, or a change that needs no token either. */
function guess(index: number, id: string, given: string, address: string): Promise<Answer> {
  const path = index % 4 < 2 ? 'login' : 'changepassword';
  return ask(`${gatewayOf(index)}/user/${path}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    body: JSON.stringify({ id, password: given, new_password: 'poppy-0815' }),
  });
}

const atOnce = <T>(work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: guesses }, (_, index) => work(index)));

/** How often each code was answered. */
function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { body } of answers) counts[String(body.code)] = (counts[String(body.code)] ?? 0) + 1;
  return counts;
}

t.test(
  'of 200 wrong passwords for one account at once, through two gateways, ten are looked at',
  async (t) => {
    for (let flood = 1; flood <= floods; flood += 1) {
      const { id } = await client.register('1', password);
      const address = `198.51.100.${flood}`;
      const answers = await atOnce((index) => guess(index, id, `wrong ${index}`, address));
      t.strictSame(tally(answers), { '401': 10, '429': 190 }, `flood ${flood}`);
      const right = await Promise.all([guess(0, id, password, address), guess(1, id, password, address)]);
      t.strictSame(tally(right), { '429': 2 }, 'the right one is not looked at either');
      t.equal((await guess(0, id, password, '203.0.113.7')).body.code, 200, 'elsewhere');
    }
  },
);

t.test(
  'of 200 wrong passwords from one address at once, through two gateways, a hundred are looked at',
  async (t) => {
    const answers = await atOnce((index) =>
      guess(index, String(20_000_000 + index), password, '198.51.100.99'),
    );
    t.strictSame(tally(answers), { '401': 100, '429': 100 });
  },
);

t.test('two admins who delete each other at once through two gateways leave one, 200 times', async (t) => {
  let left = await client.register('0', password);
  const remove = (gateway: string, by: { token: string }, { id }: { id: string }) =>
    ask(`${gateway}/user/${id}`, { method: 'DELETE', headers: { token: by.token } });
  const outcomes: string[] = [];
  for (let duel = 0; duel < duels; duel += 1) {
    const other = await client.register('0', password);
    const [one, two] = await Promise.all([
      remove(gatewayOf(duel), left, other),
      remove(gatewayOf(duel + 1), other, left),
    ]);
    const survivors = await Promise.all(
      [left, other].map(({ id, token }, index) => charityClient(gatewayOf(duel + index)).own(id, token)),
    );
    const won = [one, two].map(({ body }) => body.data === true);
    outcomes.push(
      `${won.filter(Boolean).length} deleted, ${survivors.filter((code) => code === 200).length} left`,
    );
    left = survivors[0] === 200 ? left : other;
  }
  const copiesLeft = platform.parts.filter((part) => /could not be dropped/.test(part.output())).length;
  t.equal(copiesLeft, 0, 'the store took every change in time');
  t.equal(outcomes.length, 200);
  t.strictSame(new Set(outcomes), new Set(['1 deleted, 1 left']));
});
