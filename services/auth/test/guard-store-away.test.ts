import { AppError } from '@vestibule/shared/errors';
import { until } from '@vestibule/shared/test/server-process';
import t from 'tap';
import { day, minute, openTables, startAuth } from './auth-service.ts';
import { addressOf, platform, tally } from './guessing.ts';

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
