import { AppError } from '@vestibule/shared/errors';
import type { Parts } from '@vestibule/shared/parts';
import type { Limit } from '@vestibule/shared/store/store';
import { testParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import t, { type Test } from 'tap';
import {
  day,
  type Gateway,
  gateway,
  minute,
  movableClock,
  openTables,
  quickEngine,
  startAuth,
  startUser,
} from './auth-service.ts';

type Login = Parameters<Gateway['login']>[0];
const wrongPassword = { password: 'wrong' };

async function platform(
  t: Test,
  {
    environment = {},
    replicas = 1,
    change = (parts) => parts,
  }: {
    environment?: Record<string, string>;
    replicas?: number;
    change?: (parts: Parts) => Parts;
  } = {},
) {
  const clock = movableClock();
  const parts = change(await testParts(t, { clock }));
  const engine = quickEngine();
  const log: string[] = [];
  await startUser(t, parts);
  for (let n = 0; n < replicas; n += 1) await startAuth(t, parts, { environment, engine, log });
  const calls = gateway(parts);

  /** What a login is answered, in one word. */
  const tryLogin = (login: Login, options = {}): Promise<string> =>
    calls.login(login, options).then(
      () => 'right',
      (error: unknown) => {
        if (!(error instanceof AppError)) throw error;
        const { retryAfterSeconds } = error.details;
        return retryAfterSeconds === undefined ? error.code : `${error.code} ${retryAfterSeconds}`;
      },
    );
  const guess = async (login: Login, times: number, options = {}): Promise<string[]> => {
    const answers: string[] = [];
    for (let n = 0; n < times; n += 1) {
      answers.push(await tryLogin(login, { ...wrongPassword, ...options }));
    }
    return answers;
  };
  const flood = (login: Login, times: number, options: object = wrongPassword) =>
    Promise.all(Array.from({ length: times }, () => tryLogin(login, options)));
  return { ...calls, parts, clock, engine, log, tryLogin, guess, flood };
}

const tally = (answers: readonly string[]) =>
  Object.fromEntries(
    [...new Set(answers)].sort().map((word) => [word, answers.filter((one) => one === word).length]),
  );
const addressOf = (n: number) => `198.51.100.${n}`;

t.test('ten wrong passwords lock account and address for each other, for 15 minutes', async (t) => {
  const { register, tryLogin, guess, changePassword, clock, engine } = await platform(t);
  const { account } = await register('locked');
  const login = { id: account.id };
  t.strictSame(tally(await guess(login, 10)), { 'credentials-wrong': 10 });
  const { verified } = engine.counts;
  t.equal(await tryLogin(login), 'rate-limited 900', 'the right password too');
  t.equal(await tryLogin({ kind: 'nickname', value: 'LOCKED' }), 'rate-limited 900', 'by its other name too');
  await t.rejects(changePassword(account.id, 'new'), { code: 'rate-limited' });
  t.equal(engine.counts.verified, verified, 'nothing is compared any more');
  t.equal(await tryLogin(login, { address: addressOf(1) }), 'right', 'not from elsewhere');

  clock.advance(15 * minute - 1000);
  t.equal(await tryLogin(login), 'rate-limited 1');
  clock.advance(1001);
  t.equal(await tryLogin(login), 'right');
});

t.test('wrong passwords of a password change count like those of a login', async (t) => {
  const { register, changePassword, tryLogin } = await platform(t);
  const { account } = await register('changing');
  for (let n = 0; n < 10; n += 1) {
    await t.rejects(changePassword(account.id, 'new', wrongPassword), { code: 'credentials-wrong' });
  }
  t.equal(await tryLogin({ id: account.id }), 'rate-limited 900');
});

t.test('a right password forgets the wrong ones of the pair, and is not counted itself', async (t) => {
  const { register, tryLogin, guess } = await platform(t);
  const { account } = await register('forgetful');
  const login = { id: account.id };
  for (let round = 0; round < 3; round += 1) {
    t.strictSame(tally(await guess(login, 9)), { 'credentials-wrong': 9 });
    t.equal(await tryLogin(login), 'right');
  }
  for (let n = 0; n < 120; n += 1) await tryLogin(login);
  t.equal(await tryLogin(login), 'right');
});

t.test('a login that nobody has is counted like one that somebody has', async (t) => {
  const { register, guess, tryLogin, clock } = await platform(t);
  await register('Somebody');
  const story = async (written: string, differently: string) => {
    const login = { kind: 'nickname', value: written } as const;
    const folded = { kind: 'nickname', value: differently } as const;
    const answers = [...(await guess(login, 5)), ...(await guess(folded, 6))];
    clock.advance(15 * minute + 1);
    answers.push(...(await guess(folded, 1)), await tryLogin(login, { password: 'wrong as well' }));
    return answers;
  };
  const known = await story('Somebody', 'ｓｏｍｅｂｏｄｙ');
  t.strictSame(tally(known), { 'credentials-wrong': 12, 'rate-limited 900': 1 });
  t.strictSame(await story('Nobody', 'ｎｏｂｏｄｙ'), known);
});

t.test('a hundred wrong passwords from one address lock it, whatever the accounts', async (t) => {
  const { register, guess, tryLogin, clock } = await platform(t);
  const { account } = await register('neighbour');
  const logins = Array.from({ length: 20 }, (_, n) => ({ id: 20_000_000 + n }));
  const answers: string[] = [];
  for (const login of logins) answers.push(...(await guess(login, 5)));
  t.strictSame(tally(answers), { 'credentials-wrong': 100 });
  t.equal(await tryLogin({ id: account.id }), 'rate-limited 900');
  t.equal(await tryLogin({ id: account.id }, { address: addressOf(1) }), 'right');
  clock.advance(15 * minute + 1);
  t.equal(await tryLogin({ id: account.id }), 'right');
});

t.test(
  'a hundred wrong passwords in a day lock an account for strangers, and not for its owner',
  async (t) => {
    const { register, guess, tryLogin, clock } = await platform(t);
    const { account } = await register('besieged');
    const login = { id: account.id };
    const home = { address: addressOf(200) };
    t.equal(await tryLogin(login, home), 'right');
    for (let n = 0; n < 10; n += 1) await guess(login, 10, { address: addressOf(n) });
    t.equal(await tryLogin(login, { address: addressOf(100) }), 'rate-limited 86400');
    t.equal(await tryLogin(login, home), 'right', 'where it was signed in before');
    t.strictSame(
      tally(await guess(login, 11, home)),
      { 'credentials-wrong': 10, 'rate-limited 900': 1 },
      'though the pair is limited there too',
    );
    clock.advance(day + 1);
    t.equal(await tryLogin(login, { address: addressOf(100) }), 'right');
  },
);

t.test('parallel tries', async (t) => {
  t.test('200 wrong ones on two replicas count like 200 in a row', async (t) => {
    const { register, flood, engine } = await platform(t, { replicas: 2 });
    const { account } = await register('flooded');
    const { verified } = engine.counts;
    const answers = await flood({ id: account.id }, 200);
    t.strictSame(tally(answers), { 'credentials-wrong': 10, 'rate-limited 900': 190 });
    t.equal(engine.counts.verified - verified, 10);
  });

  t.test('200 right ones from one address all get in, though only 100 are let through at once', async (t) => {
    const { register, flood, tryLogin, engine } = await platform(t);
    const { account } = await register('crowd');
    const { account: other } = await register('crowd 2');
    let running = 0;
    let most = 0;
    engine.before = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    const answers = await Promise.all([flood({ id: account.id }, 100, {}), flood({ id: other.id }, 100, {})]);
    t.strictSame(tally(answers.flat()), { right: 200 });
    t.ok(most <= 20, 'ten of each pair');
    t.equal(await tryLogin({ id: account.id }), 'right');
  });

  t.test('what waits for others past its deadline is dropped', async (t) => {
    const environment = { HASH_CONCURRENCY: '10' };
    const { register, flood, engine, clock } = await platform(t, { environment });
    const { account } = await register('late');
    let started = 0;
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    engine.before = () => {
      started += 1;
      return released;
    };
    const answers = flood({ id: account.id }, 12, {});
    while (started < 10) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(60_000);
    release();
    t.strictSame(tally(await answers), { right: 10, 'deadline-passed': 2 });
  });
});

t.test('with the store away', async (t) => {
  let away = true;
  const failing =
    <Arguments extends unknown[], Result>(work: (...given: Arguments) => Promise<Result>) =>
    async (...given: Arguments) => {
      if (away) throw new AppError('store-unavailable');
      return work(...given);
    };
  const { register, flood, guess, tryLogin, clock, log, parts } = await platform(t, {
    replicas: 2,
    change: (parts) => ({
      ...parts,
      store: {
        ...parts.store,
        reserve: failing(parts.store.reserve),
        giveBack: failing(parts.store.giveBack),
        remove: failing(parts.store.remove),
      },
    }),
  });

  t.test('200 parallel wrong passwords on two replicas count like 200 in a row', async (t) => {
    const { account } = await register('no store');
    const answers = await flood({ id: account.id }, 200);
    t.strictSame(tally(answers), { 'credentials-wrong': 10, 'rate-limited 900': 190 });
    t.match(log.join(''), 'the store is away: wrong passwords are counted in the database');
    clock.advance(15 * minute + 1);
    t.equal(await tryLogin({ id: account.id }), 'right');
  });

  t.test('a right password forgets the wrong ones', async (t) => {
    const { account } = await register('no store 2');
    const login = { id: account.id };
    for (let round = 0; round < 3; round += 1) {
      t.strictSame(tally(await guess(login, 9)), { 'credentials-wrong': 9 });
      t.equal(await tryLogin(login), 'right');
    }
  });

  t.test('a store that comes and goes lets through twice the figure at most', async (t) => {
    const { account } = await register('no store 3');
    const answers: string[] = [];
    for (let n = 0; n < 40; n += 1) {
      away = n % 2 === 0;
      answers.push(...(await guess({ id: account.id }, 1)));
    }
    t.equal(tally(answers)['credentials-wrong'], 20);
    away = true;
  });

  t.test('address and account are limited too', async (t) => {
    const { account } = await register('no store 4');
    const login = { id: account.id };
    clock.advance(15 * minute + 1);
    for (let n = 0; n < 10; n += 1) await guess(login, 10, { address: addressOf(n) });
    t.equal(await tryLogin(login, { address: addressOf(100) }), 'rate-limited 86400');
  });

  t.test('windows that are over are removed by the upkeep', async (t) => {
    const tables = await openTables(parts);
    t.not((await tables.selectFrom('guess_counters').selectAll().execute()).length, 0);
    clock.advance(2 * day);
    const app = await startAuth(t, parts, { environment: { UPKEEP_INTERVAL: '1' } });
    const gone = async () => (await tables.selectFrom('guess_counters').selectAll().execute()).length === 0;
    await t.resolves(until('no counter is left', gone));
    await app.close();
  });
});

t.test('neither counters nor remembered addresses hold a login or an address', async (t) => {
  const keys: string[] = [];
  const { register, guess, login, parts } = await platform(t, {
    change: (parts) => ({
      ...parts,
      store: {
        ...parts.store,
        reserve(limits: readonly Limit[]) {
          keys.push(...limits.map(({ key }) => key));
          return parts.store.reserve(limits);
        },
      },
    }),
  });
  const { account } = await register('private');
  await guess({ id: account.id }, 1);
  await guess({ kind: 'nickname', value: 'nobody' }, 1);
  await login({ id: account.id });
  const tables = await openTables(parts);
  const remembered = await tables.selectFrom('known_addresses').selectAll().execute();
  t.equal(remembered.length, 1);
  const kept = JSON.stringify([keys, remembered]);
  for (const plain of [String(account.id), 'private', 'nobody', '203.0.113.7']) t.notMatch(kept, plain);
});

t.test('LIMITS=off counts nothing', async (t) => {
  const { register, guess } = await platform(t, { environment: { LIMITS: 'off' } });
  const { account } = await register('unlimited');
  t.strictSame(tally(await guess({ id: account.id }, 120)), { 'credentials-wrong': 120 });
});

t.test('every figure is a setting', async (t) => {
  const { register, guess, tryLogin } = await platform(t, {
    environment: {
      GUESS_PAIR_LIMIT: '2',
      GUESS_PAIR_WINDOW: '30',
      GUESS_ADDRESS_LIMIT: '3',
      GUESS_ADDRESS_WINDOW: '40',
    },
  });
  const { account } = await register('set');
  t.strictSame(await guess({ id: account.id }, 3), [
    'credentials-wrong',
    'credentials-wrong',
    'rate-limited 30',
  ]);
  t.equal(await tryLogin({ id: 20_000_000 }), 'credentials-wrong');
  t.equal(await tryLogin({ id: 20_000_001 }), 'rate-limited 40');
});
