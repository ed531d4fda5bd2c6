import type { Limit } from '@vestibule/shared/store/store';
import t from 'tap';
import { day, minute, openTables } from './auth-service.ts';
import { addressOf, platform, tally, withOwnStore, wrongPassword } from './guessing.ts';

t.test('ten wrong passwords lock account and address for each other, for 15 minutes', async (t) => {
  const { register, tryLogin, guess, changePassword, clock, engine } = await platform(t, {
    change: withOwnStore,
  });
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
  const { register, changePassword, tryLogin } = await platform(t, { change: withOwnStore });
  const { account } = await register('changing');
  for (let n = 0; n < 10; n += 1) {
    await t.rejects(changePassword(account.id, 'new', wrongPassword), { code: 'credentials-wrong' });
  }
  t.equal(await tryLogin({ id: account.id }), 'rate-limited 900');
});

t.test('a right password forgets the wrong ones of the pair, and is not counted itself', async (t) => {
  const { register, tryLogin, guess } = await platform(t, { change: withOwnStore });
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
  const { register, guess, tryLogin, clock } = await platform(t, { change: withOwnStore });
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
  const { register, guess, tryLogin, clock } = await platform(t, { change: withOwnStore });
  const { account } = await register('neighbour');
  const logins = Array.from({ length: 20 }, (_, n) => ({ id: 20_000_000 + n }));
  const answers: string[] = [];
  for (const login of logins) answers.push(...(await guess(login, 5)));
  t.strictSame(tally(answers), { 'credentials-wrong': 100 });
  t.equal(await tryLogin({ id: account.id }), 'address-limited 900');
  t.equal(await tryLogin({ id: account.id }, { address: addressOf(1) }), 'right');
  clock.advance(15 * minute + 1);
  t.equal(await tryLogin({ id: account.id }), 'right');
});

t.test(
  'a hundred wrong passwords in a day lock an account for strangers, and not for its owner',
  async (t) => {
    const { register, guess, tryLogin, clock } = await platform(t, { change: withOwnStore });
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
    change: withOwnStore,
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
  t.equal(await tryLogin({ id: 20_000_001 }), 'address-limited 40');
});
