import type { AccountStatus } from '@vestibule/shared/contracts/account';
import { userContracts } from '@vestibule/shared/contracts/user';
import { logLines } from '@vestibule/shared/test/log-lines';
import { testParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import fc from 'fast-check';
import { type Kysely, sql } from 'kysely';
import t, { type Test } from 'tap';
import { createAccountBlocks } from '../src/account-blocks.ts';
import { createAccountBlocksRepository } from '../src/account-blocks-repository.ts';
import { createAccountListRepository } from '../src/account-list-repository.ts';
import type { UserTables } from '../src/tables.ts';
import { insertAccounts } from './many-accounts.ts';
import { caller, openTables, startUserService, times } from './user-service.ts';

/** Tables with blocks of a few accounts, changed by plain SQL as any version of the service might. */
async function open(t: Test, size = 5) {
  const parts = await testParts(t);
  const db = await openTables(parts);
  const log = logLines();
  const { logger } = log;
  const list = createAccountListRepository({ db, logger, fewRows: -1 });
  const blocks = createAccountBlocksRepository({ db, size });

  const count = (change: number) =>
    db
      .insertInto('account_totals')
      .columns(['shard', 'accounts'])
      .expression(
        db
          .selectFrom('account_totals')
          .select(({ fn }) => [
            sql<number>`${fn.countAll()} + 1`.as('shard'),
            sql<number>`${sql.lit(change)}`.as('accounts'),
          ]),
      );

  return {
    parts,
    db,
    list,
    blocks,
    warnings: () =>
      log
        .text()
        .split('\n')
        .filter((line) => line !== ''),
    async add(id: number, age: string, status: AccountStatus = 'active'): Promise<void> {
      const createdAt = sql<Date>`now() - ${age}::interval`;
      await db
        .insertInto('accounts')
        .values({ id, role: 'normal', status, created_at: createdAt, modified_at: createdAt })
        .execute();
    },
    setStatus: (id: number, status: AccountStatus) =>
      db.updateTable('accounts').set({ status }).where('id', '=', id).execute(),
    /** Makes the totals what they are when all is committed. */
    async recount(): Promise<void> {
      await db.deleteFrom('account_totals').execute();
      await count((await listedIds(db)).length).execute();
    },
  };
}

/** The whole list, as plainly as can be. */
async function listedIds(db: Kysely<UserTables>): Promise<number[]> {
  const rows = await db
    .selectFrom('accounts')
    .select('id')
    .where('status', '<>', 'deleted')
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map(({ id }) => id);
}

/** What each closed block says that it has, and what it has. */
async function countsOf(db: Kysely<UserTables>): Promise<{ said: number[]; true: number[] }> {
  const { rows } = await sql<{ said: number; found: number }>`
    with ranges as (
      select from_created_at, from_id, count,
        lead(from_created_at) over walk as to_created_at, lead(from_id) over walk as to_id
      from users.account_blocks window walk as (order by from_created_at, from_id))
    select count as said, (
      select count(*) from users.accounts
      where status <> 'deleted' and (created_at, id) >= (from_created_at, from_id)
        and (created_at, id) < (to_created_at, to_id)) as found
    from ranges where count is not null order by from_created_at, from_id`.execute(db);
  return { said: rows.map(({ said }) => said), true: rows.map(({ found }) => found) };
}

/** As the migration leaves them. */
async function openAllBlocks(db: Kysely<UserTables>): Promise<void> {
  await db.deleteFrom('account_blocks').execute();
  await db.insertInto('account_blocks').values({ from_created_at: sql`'-infinity'`, from_id: 0 }).execute();
}

/** Something that happens to accounts; which of them is chosen by a number. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('add' as const), which: fc.nat(999) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), which: fc.nat(999) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restore' as const), which: fc.nat(999) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const), which: fc.nat(999) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('close' as const), which: fc.constant(0) }) },
);
/** Several accounts have each of these ages, some of them the very same. */
const ages = ['3 days', '2 days', '1 day', '2 hours', '61 minutes', '40 minutes', '1 minute'];

t.test('every page is that of the plain list, whatever happened in whichever order', async (t) => {
  const { db, list, blocks, warnings, add, setStatus, recount } = await open(t, 3);
  let closed = 0;

  async function take({ do: action, which }: { do: string; which: number }, ids: Set<number>) {
    const id = 20_000_000 + which;
    const known = [...ids][which % (ids.size || 1)] ?? 0;
    if (action === 'add' && !ids.has(id)) await add(id, ages[which % ages.length] ?? '');
    if (action === 'add') ids.add(id);
    if (action === 'delete') await setStatus(known, 'deleted');
    if (action === 'restore') await setStatus(known, 'frozen');
    if (action === 'drop') await db.deleteFrom('accounts').where('id', '=', known).execute();
    if (action === 'drop') ids.delete(known);
    if (action === 'close' && (await blocks.closeNext())) closed += 1;
  }

  const property = fc.asyncProperty(
    fc.array(step, { minLength: 40, maxLength: 90 }),
    fc.integer({ min: 1, max: 8 }),
    async (steps, perPage) => {
      await db.deleteFrom('accounts').execute();
      await openAllBlocks(db);
      const ids = new Set<number>();
      for (const one of steps) await take(one, ids);
      await recount();
      const plain = await listedIds(db);
      const [pages, plainPages]: [number[][], number[][]] = [[], []];
      for (let offset = 0; offset <= plain.length + perPage; offset += perPage) {
        const { total, accounts } = await list.page(offset, perPage);
        pages.push([total, ...accounts.map(({ id }) => id)]);
        plainPages.push([plain.length, ...plain.slice(offset, offset + perPage)]);
      }
      t.strictSame(pages, plainPages);
      const counts = await countsOf(db);
      t.strictSame(counts.said, counts.true);
    },
  );
  await fc.assert(property, { numRuns: 15, seed: 20261121 });
  t.ok(closed > 30, `${closed} blocks were closed`);
  t.strictSame(warnings(), []);
});

t.test('counts are true after deletions, restorations and late accounts at once with closings', async (t) => {
  const { db, blocks, add, setStatus, recount, list, warnings } = await open(t);
  // So many that each has its turn between two of the others, on the connections that there are.
  const lanes = times(4, (lane) => times(100, (index) => 20_000_000 + lane + 4 * index));
  // The newest are changed first, while they are in the open block and the oldest of it are being closed.
  const age = (id: number) => `${2 + (id % 1000)} hours`;
  for (const id of lanes.flat().filter((each) => each % 10 !== 0)) {
    await add(id, age(id), id % 7 === 0 ? 'deleted' : 'active');
  }
  let changing = true;
  const closings = times(2, async () => {
    while (changing) await blocks.closeNext();
  });
  const changes = lanes.map(async (ids) => {
    for (const id of ids) {
      if (id % 10 === 0) await add(id, age(id));
      else await setStatus(id, id % 7 === 0 ? 'active' : 'deleted');
      if (id % 3 !== 0) await setStatus(id, 'frozen');
    }
  });
  await Promise.all(changes);
  changing = false;
  await Promise.all(closings);
  const counts = await countsOf(db);
  t.ok(counts.said.length > 10, `${counts.said.length} blocks were closed`);
  t.strictSame(counts.said, counts.true);
  await recount();
  const plain = await listedIds(db);
  const { accounts } = await list.page(100, 25);
  t.strictSame(
    accounts.map(({ id }) => id),
    plain.slice(100, 125),
  );
  t.strictSame(warnings(), []);
});

t.test('what is undone is not counted', async (t) => {
  const { db, blocks, add } = await open(t);
  for (const index of times(12, (each) => each)) await add(20_000_000 + index, `${index + 2} hours`);
  while (await blocks.closeNext());
  t.strictSame((await countsOf(db)).said, [5, 5]);
  const undone = db.transaction().execute(async (tx) => {
    await tx.updateTable('accounts').set({ status: 'deleted' }).execute();
    throw new Error('undone');
  });
  await t.rejects(undone, { message: 'undone' });
  t.strictSame((await countsOf(db)).said, [5, 5]);
  await db.transaction().execute(async (tx) => {
    await tx.updateTable('accounts').set({ status: 'deleted' }).execute();
    await tx.updateTable('accounts').set({ status: 'active' }).where('id', '=', 20_000_011).execute();
  });
  t.strictSame((await countsOf(db)).said, [1, 0]);
});

t.test('no account younger than an hour is in a closed block', async (t) => {
  const { db, blocks, add } = await open(t);
  for (const index of times(20, (each) => each)) await add(20_000_000 + index, '59 minutes');
  t.equal(await blocks.closeNext(), false);
  for (const index of times(5, (each) => each)) await add(20_000_100 + index, '61 minutes');
  t.equal(await blocks.closeNext(), false);
  await add(20_000_105, '61 minutes');
  t.equal(await blocks.closeNext(), true);
  t.equal(await blocks.closeNext(), false);
  t.strictSame(await countsOf(db), { said: [5], true: [5] });
});

t.test('pages are right where the blocks count more than there is, and the log says so', async (t) => {
  const { db, blocks, add, list, recount, warnings } = await open(t);
  for (const index of times(30, (each) => each)) await add(20_000_000 + index, `${index + 2} hours`);
  while (await blocks.closeNext());
  await recount();
  const right = await list.page(12, 5);
  t.strictSame(
    right.accounts.map(({ id }) => id),
    [20_000_012, 20_000_013, 20_000_014, 20_000_015, 20_000_016],
  );
  t.strictSame(warnings(), []);
  await db.updateTable('account_blocks').set({ count: 10 }).where('count', 'is not', null).execute();
  t.strictSame(await list.page(12, 5), right);
  t.equal(warnings().length, 1);
  await db.deleteFrom('account_blocks').execute();
  t.strictSame(await list.page(12, 5), right);
  t.equal(warnings().length, 2);
});

t.test('an old account that the service removes is counted out of its block', async (t) => {
  const { parts, db, blocks, add } = await open(t);
  await startUserService(t, parts);
  for (const index of times(12, (each) => each)) await add(20_000_000 + index, `${index + 2} hours`);
  while (await blocks.closeNext());
  await caller(parts).call(userContracts.remove, { id: 20_000_011 });
  t.strictSame(await countsOf(db), { said: [4, 5], true: [4, 5] });
});

t.test('the service closes blocks by itself', async (t) => {
  const { parts, db } = await open(t);
  await insertAccounts(db, 1, 5000);
  await openAllBlocks(db);
  t.strictSame((await countsOf(db)).said, []);
  await startUserService(t, parts, { UPKEEP_INTERVAL: '1' });
  await until('two closed blocks', async () => (await countsOf(db)).said.length === 2);
  t.strictSame(await countsOf(db), { said: [2000, 2000], true: [2000, 2000] });
});

t.test('a round of closing ends after 100 blocks, or with the last that is full', async (t) => {
  let full = 130;
  const { close } = createAccountBlocks({
    repository: {
      async closeNext() {
        full -= 1;
        return full >= 0;
      },
    },
  });
  await close();
  t.equal(full, 30);
  await close();
  t.equal(full, -1);
});
