import { userContracts } from '@vestibule/shared/contracts/user';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { caller, startUserService } from './user-service.ts';

t.test('search history', async (t) => {
  const parts = await testParts(t);
  await startUserService(t, parts);
  const { call, create } = caller(parts);
  const newAccount = async () => (await create()).account.id;
  const add = (id: number, entry: string) => call(userContracts.addHistory, { id, entry });

  t.test('a new account has none', async (t) => {
    t.strictSame(await call(userContracts.getHistory, { id: await newAccount() }), { entries: [] });
  });

  t.test('entries come newest first, and one added again moves to the front', async (t) => {
    const id = await newAccount();
    t.strictSame(await add(id, 'a'), { entries: ['a'] });
    t.strictSame(await add(id, 'b'), { entries: ['b', 'a'] });
    t.strictSame(await add(id, 'c'), { entries: ['c', 'b', 'a'] });
    t.strictSame(await add(id, 'a'), { entries: ['a', 'c', 'b'] });
    t.strictSame(await add(id, 'A'), { entries: ['A', 'a', 'c', 'b'] });
    t.strictSame(await call(userContracts.getHistory, { id }), { entries: ['A', 'a', 'c', 'b'] });
  });

  t.test('beyond 100 the oldest fall off', async (t) => {
    const id = await newAccount();
    for (let index = 1; index <= 102; index += 1) await add(id, `entry ${index}`);
    const { entries } = await call(userContracts.getHistory, { id });
    t.equal(entries.length, 100);
    t.equal(entries[0], 'entry 102');
    t.equal(entries[99], 'entry 3');
    const again = await add(id, 'entry 3');
    t.equal(again.entries.length, 100);
    t.equal(again.entries[0], 'entry 3');
    t.equal(again.entries[99], 'entry 4');
  });

  t.test('an entry of 200 characters is kept, a longer or empty one violates the contract', async (t) => {
    const id = await newAccount();
    t.strictSame(await add(id, '漢'.repeat(200)), { entries: ['漢'.repeat(200)] });
    await t.rejects(add(id, 'x'.repeat(201)), { code: 'contract-violated' });
    await t.rejects(add(id, ''), { code: 'contract-violated' });
  });

  t.test('clearing forgets the entries of that account alone', async (t) => {
    const [id, other] = [await newAccount(), await newAccount()];
    await add(id, 'mine');
    await add(other, 'theirs');
    t.strictSame(await call(userContracts.clearHistory, { id }), {});
    t.strictSame(await call(userContracts.clearHistory, { id }), {}, 'twice is fine');
    t.strictSame(await call(userContracts.getHistory, { id }), { entries: [] });
    t.strictSame(await call(userContracts.getHistory, { id: other }), { entries: ['theirs'] });
    t.strictSame(await add(id, 'new'), { entries: ['new'] });
  });

  t.test('an account that is not there cannot get an entry, and has none', async (t) => {
    await t.rejects(add(10_000_000, 'a'), { code: 'account-unknown' });
    t.strictSame(await call(userContracts.getHistory, { id: 10_000_000 }), { entries: [] });
    t.strictSame(await call(userContracts.clearHistory, { id: 10_000_000 }), {});
  });
});

t.test('how many searches are kept is a setting', async (t) => {
  const parts = await testParts(t);
  await startUserService(t, parts, { HISTORY_LENGTH: '2' });
  const { call, create } = caller(parts);
  const { id } = (await create()).account;
  await call(userContracts.addHistory, { id, entry: 'a' });
  await call(userContracts.addHistory, { id, entry: 'b' });
  t.strictSame(await call(userContracts.addHistory, { id, entry: 'c' }), { entries: ['c', 'b'] });
});
