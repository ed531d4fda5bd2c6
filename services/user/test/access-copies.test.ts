import { userContracts } from '@vestibule/shared/contracts/user';
import type { SchemaDefinition } from '@vestibule/shared/database/database';
import { AppError } from '@vestibule/shared/errors';
import type { Parts } from '@vestibule/shared/parts';
import type { Store } from '@vestibule/shared/store/store';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { caller, openTables, startUserService } from './user-service.ts';

/** The parts with some operations of the store done otherwise. */
const withStore = (parts: Parts, changed: Partial<Store>): Parts => ({
  ...parts,
  store: { ...parts.store, ...changed },
});

const away = () => Promise.reject(new AppError('store-unavailable'));

t.test('the copy is dropped after the commit and before the answer', async (t) => {
  const parts = await testParts(t);
  const db = await openTables(parts);
  const events: string[] = [];
  const raise: Store['raise'] = async (key, version) => {
    const id = Number(key.replace('access:', ''));
    // Three reads on the way: an answer that did not wait for this would be noted first.
    for (const _ of [1, 2, 3]) await db.selectFrom('accounts').select('id').where('id', '=', id).execute();
    const row = await db
      .selectFrom('accounts')
      .select(['role', 'status', 'session_epoch'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    events.push(`raised to ${version} at ${row.role} ${row.status} ${row.session_epoch}`);
  };
  await startUserService(t, withStore(parts, { raise }));
  const { call, create } = caller(parts);
  const { id } = (await create({ passwordHash: 'old' })).account;
  const answered = async (answer: Promise<unknown>) => {
    await answer.catch((error: AppError) => events.push(error.code));
    events.push('answered');
    return events.splice(0);
  };

  t.strictSame(await answered(call(userContracts.setRole, { id, role: 'donor' })), [
    'raised to 1 at donor active 0',
    'answered',
  ]);
  t.strictSame(await answered(call(userContracts.setStatus, { id, status: 'frozen' })), [
    'raised to 2 at donor frozen 1',
    'answered',
  ]);
  t.strictSame(
    await answered(call(userContracts.setPassword, { id, expectedHash: 'old', passwordHash: 'new' })),
    ['raised to 3 at donor frozen 2', 'answered'],
  );
  t.strictSame(
    await answered(call(userContracts.setStatus, { id, status: 'frozen' })),
    ['raised to 3 at donor frozen 2', 'answered'],
    'a repeat drops it too: the first try may have ended between commit and raise',
  );
  t.strictSame(await answered(call(userContracts.setRole, { id, role: 'admin' })), [
    'raised to 4 at admin frozen 2',
    'answered',
  ]);
  t.strictSame(
    await answered(call(userContracts.setRole, { id, role: 'admin' })),
    ['raised to 4 at admin frozen 2', 'account-is-admin', 'answered'],
    'also the repeat of a change that allows no other',
  );
  const { id: other } = (await create()).account;
  await answered(call(userContracts.setStatus, { id: other, status: 'deleted' }));
  t.strictSame(await answered(call(userContracts.setStatus, { id: other, status: 'deleted' })), [
    'raised to 1 at normal deleted 1',
    'account-unknown',
    'answered',
  ]);

  const { id: waiting } = (await create({ status: 'pending' })).account;
  const audit = () => answered(call(userContracts.audit, { id: waiting }));
  const remove = () => answered(call(userContracts.remove, { id: waiting }));
  t.strictSame(await audit(), ['raised to 1 at normal active 0', 'answered']);
  t.strictSame(await audit(), ['raised to 1 at normal active 0', 'account-not-pending', 'answered']);
  t.strictSame(await remove(), ['raised to 2 at normal deleted 1', 'answered']);
  t.strictSame(await remove(), ['raised to 2 at normal deleted 1', 'account-unknown', 'answered']);
});

t.test('without the store a change stands, is answered as done, and warned of', async (t) => {
  const parts = await testParts(t);
  const { log } = await startUserService(t, withStore(parts, { raise: away, fill: away }));
  const { call, create } = caller(parts);
  const { id } = (await create({ passwordHash: 'old' })).account;

  t.strictSame(await call(userContracts.setRole, { id, role: 'donor' }), {});
  t.strictSame(await call(userContracts.setStatus, { id, status: 'frozen' }), {});
  t.strictSame(await call(userContracts.setPassword, { id, expectedHash: 'old', passwordHash: 'new' }), {});
  t.strictSame(await call(userContracts.access, { id }), {
    accountId: id,
    role: 'donor',
    status: 'frozen',
    sessionEpoch: 2,
    version: 3,
  });
  t.match(
    log.filter(({ level }) => level === 40),
    Array.from({ length: 3 }, () => ({
      msg: /could not be dropped/,
      accountId: id,
      requestId: 'a-request',
      code: 'store-unavailable',
    })),
  );
  t.equal(log.filter(({ level }) => level >= 40).length, 3, 'a failed fill is no warning');
  t.match(
    log.find(({ msg }) => msg.includes('renewed')),
    { level: 20, accountId: id, code: 'store-unavailable' },
  );
});

t.test('access answers without waiting for its copy, which says when the row was asked for', async (t) => {
  let now = 1_700_000_000_000;
  const parts = await testParts(t, { clock: () => now });
  const filled: { key: string; value: unknown; version: number; ttlMs: number }[] = [];
  const fill: Store['fill'] = (key, value, version, ttlMs) => {
    filled.push({ key, value: JSON.parse(value), version, ttlMs });
    return new Promise(() => {});
  };
  const database: Parts['database'] = {
    ...parts.database,
    async open<Tables>(definition: SchemaDefinition) {
      const db = await parts.database.open<Tables>(definition);
      return db.withPlugin({
        transformQuery: ({ node }) => node,
        transformResult: async ({ result }) => {
          // The outbox asks too, whenever it likes.
          if (result.rows.some((row) => 'accountId' in row)) now += 700;
          return result;
        },
      });
    },
  };
  await startUserService(t, { ...withStore(parts, { fill }), database });
  const { call, create } = caller(parts);
  const { access } = await create({ role: 'donor' });
  now = 1_700_000_000_000;
  t.strictSame(await call(userContracts.access, { id: access.accountId }), access);
  t.equal(now, 1_700_000_000_700, 'the row came 700 ms after it was asked for');
  t.strictSame(filled, [
    {
      key: `access:${access.accountId}`,
      value: { readAt: 1_700_000_000_000, row: access },
      version: 0,
      ttlMs: 5000,
    },
  ]);
});

t.test('a copy that was filled is gone after the change, and an old read cannot bring it back', async (t) => {
  const parts = await testParts(t);
  await startUserService(t, parts);
  const { call, create } = caller(parts);
  const { access } = await create();
  const key = `access:${access.accountId}`;
  await parts.store.fill(key, 'the old copy', access.version, 5000);
  t.equal(await parts.store.get(key), 'the old copy');
  await call(userContracts.setStatus, { id: access.accountId, status: 'frozen' });
  t.equal(await parts.store.get(key), null);
  t.equal(await parts.store.fill(key, 'a late read', access.version, 5000), false);
  t.equal(await parts.store.get(key), null);
});
