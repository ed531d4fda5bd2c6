import { join } from 'node:path';
import { userContracts } from '@vestibule/shared/contracts/user';
import { pgliteDatabase } from '@vestibule/shared/database/pglite';
import { memoryEvents } from '@vestibule/shared/events/memory-events';
import { createLogger } from '@vestibule/shared/logger';
import { testGatewayParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { caller, openTables, startUserService } from '../services/user/test/user-service.ts';
import { runTool } from './harness/launched.ts';

const source = 'scripts/set-role.ts';
const usage = 'usage: npm run role -- ID ROLE   (ROLE is one of normal, repair, donor, volunteer, admin)';
const logger = createLogger({ level: 'silent', name: 'test' });

t.test('roles by the command line, on the embedded database', async (t) => {
  const dataDir = join(t.testdir(), 'data');
  const settings = { DATA_DIR: dataDir };
  const setRole = (...args: string[]) => runTool(t, source, settings, args);

  const database = await pgliteDatabase({ dataDir, logger });
  // Never started: what is told stays in the outbox, as when the platform ends at once.
  const parts = { ...(await testGatewayParts(t)), database, events: memoryEvents({ logger }) };
  const { close } = await startUserService(t, parts);
  const { call, create } = caller(parts);
  const admin = (await create({ role: 'admin' })).account.id;
  const other = (await create()).account.id;
  const pending = (await create({ status: 'pending' })).account.id;
  const deleted = (await create()).account.id;
  await call(userContracts.remove, { id: deleted });

  t.test('are refused while the platform has the folder', async (t) => {
    const { code, complained } = await setRole(String(other), 'admin');
    t.equal(code, 1);
    t.match(
      complained,
      /^the data folder .+ is in use by process \d+: the embedded database serves one.+\n$/,
    );
    await close();
    await database.close();
  });

  t.test('are said to be wrong in one line where they are', async (t) => {
    const cases: [args: string[], line: string][] = [
      [[], usage],
      [[String(other), 'admin', 'more'], usage],
      [['sara', 'admin'], 'ID is not valid: the number of an account, at least 8 digits'],
      [[String(other), 'boss'], 'ROLE is not valid: one of normal, repair, donor, volunteer, admin'],
      [['10000000', 'admin'], 'there is no such account, or it is deleted'],
      [[String(deleted), 'admin'], 'there is no such account, or it is deleted'],
      [[String(deleted), 'normal'], 'there is no such account, or it is deleted'],
      [[String(admin), 'normal'], 'it is the last active admin: make another one first'],
    ];
    for (const [args, line] of cases) {
      t.same(await setRole(...args), { code: 1, printed: '', complained: `${line}\n` }, args.join(' '));
    }
    t.same(await setRole('--help'), { code: 0, printed: `${usage}\n`, complained: '' });
  });

  t.test('of a folder without a database make none', async (t) => {
    const none = join(t.testdir(), 'none');
    t.same(await runTool(t, source, { DATA_DIR: none }, [String(other), 'admin']), {
      code: 1,
      printed: '',
      complained: `there is no database in ${none}: set DATA_DIR, or DATABASE_URL\n`,
    });
  });

  t.test('are given and taken, also that of an admin once there is another one', async (t) => {
    const says = async (line: string, ...args: string[]) =>
      t.same(await setRole(...args), { code: 0, printed: `${line}\n`, complained: '' });
    await says(
      `account ${other} was normal and is admin now; it counts from the next start on`,
      String(other),
      'admin',
    );
    await says(`account ${other} is admin already`, String(other), 'admin');
    await says(
      `account ${admin} was admin and is volunteer now; it counts from the next start on`,
      String(admin),
      'volunteer',
    );
    await says(
      `account ${pending} was normal and is repair now; it counts from the next start on; its status is pending`,
      String(pending),
      'repair',
    );
    t.match(await setRole(String(other), 'normal'), { code: 1, complained: /last active admin/ });
  });

  t.test('count, and are told of once, as done by the platform itself', async (t) => {
    const again = await pgliteDatabase({ dataDir, logger });
    t.teardown(() => again.close());
    const db = await openTables({ ...parts, database: again });
    const rows = await db.selectFrom('accounts').select(['id', 'role', 'version', 'session_epoch']).execute();
    t.same(
      new Map(rows.map(({ id, ...row }) => [id, row])),
      new Map([
        [admin, { role: 'volunteer', version: 1, session_epoch: 0 }],
        [other, { role: 'admin', version: 1, session_epoch: 0 }],
        [pending, { role: 'repair', version: 1, session_epoch: 0 }],
        [deleted, { role: 'normal', version: 1, session_epoch: 1 }],
      ]),
    );
    const waiting = await db.selectFrom('outbox').select('event').orderBy('number').execute();
    t.match(
      waiting.map(({ event }) => event).slice(5),
      [
        [other, 'normal', 'admin'],
        [admin, 'admin', 'volunteer'],
        [pending, 'normal', 'repair'],
      ].map(([accountId, from, to]) => ({
        kind: 'account.role-changed',
        key: `account:${accountId}`,
        data: { accountId, from, to },
        requestId: /^set-role-[0-9a-f-]{36}$/,
        actorId: null,
        address: null,
      })),
    );
    t.equal(waiting.length, 8);
  });
});
