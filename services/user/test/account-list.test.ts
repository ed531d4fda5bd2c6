import type { Account } from '@vestibule/shared/contracts/account';
import { userContracts } from '@vestibule/shared/contracts/user';
import { codeOf } from '@vestibule/shared/errors';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { createAccountList } from '../src/account-list.ts';
import { migrations } from '../src/migrations/index.ts';
import type { UserTables } from '../src/tables.ts';
import { caller, openTables, startUserService, times } from './user-service.ts';

const idsOf = (accounts: readonly Account[]) => accounts.map(({ id }) => id);

t.test('the list of accounts', async (t) => {
  let now = Date.parse('2026-11-21T08:00:00.000Z');
  const parts = await testParts(t, { clock: () => now });
  await startUserService(t, parts);
  const { call, create } = caller(parts);
  const list = (page: number, perPage = 15) => call(userContracts.list, { page, perPage });

  t.test('of nobody is empty', async (t) => {
    t.strictSame(await list(1), { total: 0, accounts: [] });
    t.strictSame(await list(7), { total: 0, accounts: [] });
  });

  const newestFirst: Account[] = [];
  t.test('begins with the newest, answers whole accounts, and says how many there are', async (t) => {
    for (const index of times(20, (each) => each)) {
      now += 1000;
      const { account } = await create({
        identities: index % 3 === 0 ? [] : [{ kind: 'nickname', value: `Listed_${index}` }],
        status: index % 2 === 0 ? 'pending' : 'active',
        profile: { name: `名字${index}`, phone: '13312345678', age: index },
      });
      newestFirst.unshift(account);
    }
    t.strictSame(await list(1), { total: 20, accounts: newestFirst.slice(0, 15) });
    t.strictSame(await list(2), { total: 20, accounts: newestFirst.slice(15) });
  });

  t.test('has nothing beyond its last page, however far', async (t) => {
    for (const page of [3, 4, 1_000_000, Number.MAX_SAFE_INTEGER, 1e300]) {
      t.strictSame(await list(page), { total: 20, accounts: [] }, String(page));
    }
  });

  t.test('is the same in pages of any size, each account once', async (t) => {
    for (const perPage of [1, 3, 7, 10, 19, 20, 21, 25]) {
      const pages = [];
      for (let page = 1; page <= Math.ceil(20 / perPage); page += 1) pages.push(await list(page, perPage));
      t.strictSame(
        pages.flatMap(({ accounts }) => accounts),
        newestFirst,
        `pages of ${perPage}`,
      );
      t.ok(pages.every(({ total }) => total === 20));
    }
  });

  t.test('goes by the id where the time is the same', async (t) => {
    now += 1000;
    const made = await Promise.all(times(10, () => create()));
    const ids = made.map(({ account }) => account.id).sort((a, b) => b - a);
    t.strictSame(idsOf((await list(1, 10)).accounts), ids);
    t.strictSame(idsOf((await list(2, 5)).accounts), ids.slice(5));
    t.equal((await list(1)).total, 30);
    for (const id of ids) await call(userContracts.remove, { id });
  });

  t.test('leaves the deleted out and keeps the frozen', async (t) => {
    const [newest, second, third] = idsOf(newestFirst);
    if (newest === undefined || second === undefined || third === undefined) throw new Error('none made');
    await call(userContracts.setStatus, { id: newest, status: 'deleted' });
    await call(userContracts.remove, { id: third });
    await call(userContracts.setStatus, { id: second, status: 'frozen' });
    const { total, accounts } = await list(1);
    t.equal(total, 18);
    t.match(accounts[0], { id: second, status: 'frozen' });
    t.strictSame(
      idsOf(accounts),
      idsOf(newestFirst)
        .filter((id) => id !== newest && id !== third)
        .slice(0, 15),
    );
  });

  t.test('holds 25 accounts of the longest texts on a page, and no longer page', async (t) => {
    const longest = '\u0001'.repeat(500);
    const texts = ['firstName', 'lastName', 'name', 'phone', 'address', 'company'];
    texts.push('email', 'position', 'qq', 'cardno', 'wxid');
    const profile = Object.fromEntries(texts.map((field) => [field, longest]));
    now += 1000;
    for (const index of times(25, (each) => each)) {
      const value = `${'\u0001'.repeat(120)}${index}`;
      await create({ identities: [{ kind: 'nickname', value }], profile });
    }
    const { accounts } = await list(1, 25);
    t.equal(accounts.length, 25);
    t.ok(accounts.every((account) => account.profile.wxid === longest && account.profile.name === longest));
    await t.rejects(list(1, 26), { code: 'contract-violated' });
    await t.rejects(list(0), { code: 'contract-violated' });
    await t.rejects(list(1, 0), { code: 'contract-violated' });
  });
});

t.test('a page that several ask for in one turn is read once, and anew for who asks later', async (t) => {
  const read: number[][] = [];
  const { list } = createAccountList({
    repository: {
      async page(offset, perPage) {
        read.push([offset, perPage]);
        return { total: read.length, accounts: [] };
      },
    },
  });
  const asked = [
    { page: 1, perPage: 15 },
    { page: 3, perPage: 15 },
    { page: 1, perPage: 15 },
    { page: 1, perPage: 5 },
  ];
  const pages = await Promise.all(asked.map(list));
  t.strictSame(
    pages.map(({ total }) => total),
    [1, 2, 1, 3],
  );
  t.equal((await list({ page: 1, perPage: 15 })).total, 4);
  t.strictSame(read, [
    [0, 15],
    [30, 15],
    [0, 5],
    [0, 15],
  ]);
});

t.test('the total', async (t) => {
  t.test('counts the accounts that were there before it was kept', async (t) => {
    const parts = await testParts(t);
    const earlier = Object.entries(migrations).filter(([name]) => name < '0003');
    t.equal(earlier.length, 2);
    const old = await parts.database.open<UserTables>({
      schema: 'users',
      migrations: Object.fromEntries(earlier),
    });
    const at = new Date(0);
    const statuses = ['pending', 'active', 'frozen', 'deleted', 'deleted', 'active'] as const;
    await old
      .insertInto('accounts')
      .values(
        statuses.map((status, index) => ({
          id: 20_000_000 + index,
          role: 'normal' as const,
          status,
          created_at: at,
          modified_at: at,
        })),
      )
      .execute();
    await startUserService(t, parts);
    const { call, create } = caller(parts);
    const list = () => call(userContracts.list, { page: 1, perPage: 15 });
    t.equal((await list()).total, 4);
    t.strictSame(idsOf((await list()).accounts), [20_000_005, 20_000_002, 20_000_001, 20_000_000]);
    await create();
    await call(userContracts.remove, { id: 20_000_002 });
    await call(userContracts.remove, { id: 20_000_001 });
    t.equal((await list()).total, 3);
  });

  t.test('is exact after creates, refused creates and removals at once on two replicas', async (t) => {
    const parts = await testParts(t);
    await startUserService(t, parts);
    await startUserService(t, parts);
    const { call, create } = caller(parts);
    const db = await openTables(parts);
    const made = await Promise.all(times(60, () => create()));
    const seen: number[] = [];
    const answers = await Promise.all([
      ...times(120, (index) =>
        create({ identities: [{ kind: 'nickname', value: `twice-${index % 60}` }] }).then(
          () => 'made',
          codeOf,
        ),
      ),
      // Each twice, and in two ways: counted once.
      ...made
        .slice(0, 40)
        .flatMap(({ account: { id } }) => [
          call(userContracts.remove, { id }).then(() => 'removed', codeOf),
          call(userContracts.setStatus, { id, status: 'deleted' }).then(() => 'removed', codeOf),
        ]),
      ...times(20, async () => {
        const { total, accounts } = await call(userContracts.list, { page: 1, perPage: 25 });
        seen.push(total);
        return accounts.length === Math.min(total, 25) ? 'listed' : 'torn';
      }),
    ]);
    const count = (answer: string) => answers.filter((each) => each === answer).length;
    t.strictSame(
      [count('made'), count('identity-taken'), count('removed'), count('account-unknown'), count('listed')],
      [60, 60, 40, 40, 20],
    );
    t.ok(
      seen.every((total) => total >= 20 && total <= 120),
      seen.join(' '),
    );
    t.equal((await call(userContracts.list, { page: 1, perPage: 1 })).total, 80);
    const rows = await db.selectFrom('account_totals').select('shard').execute();
    t.ok(rows.length > 20, 'the creates are spread over many rows');
    const listed = [];
    for (let page = 1; page <= 4; page += 1) {
      listed.push(...idsOf((await call(userContracts.list, { page, perPage: 20 })).accounts));
    }
    const standing = await db.selectFrom('accounts').select('id').where('status', '<>', 'deleted').execute();
    t.equal(new Set(listed).size, 80);
    t.strictSame(
      [...listed].sort((a, b) => a - b),
      standing.map(({ id }) => id).sort((a, b) => a - b),
    );
  });

  t.test('and the page are of one moment, however much is removed meanwhile', async (t) => {
    const parts = await testParts(t);
    await startUserService(t, parts);
    const { call, create } = caller(parts);
    const made = await Promise.all(times(25, () => create()));
    const pages = made.flatMap(({ account: { id } }) => [
      call(userContracts.remove, { id }).then(() => null),
      ...times(8, () => call(userContracts.list, { page: 1, perPage: 25 })),
    ]);
    for (const page of await Promise.all(pages)) {
      if (page !== null) t.equal(page.accounts.length, page.total);
    }
    t.strictSame(await call(userContracts.list, { page: 1, perPage: 25 }), { total: 0, accounts: [] });
  });
});
