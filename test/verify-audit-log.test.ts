import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pgliteDatabase } from '@vestibule/shared/database/pglite';
import { memoryEvents } from '@vestibule/shared/events/memory-events';
import { createLogger } from '@vestibule/shared/logger';
import { testGatewayParts } from '@vestibule/shared/test/parts';
import { publish } from '@vestibule/shared/test/publishing';
import { sql } from 'kysely';
import t, { type Test } from 'tap';
import { openTables, startAuth } from '../services/auth/test/auth-service.ts';
import { runTool } from './harness/launched.ts';

const source = 'scripts/verify-audit-log.ts';
const logger = createLogger({ level: 'silent', name: 'test' });

/** A folder in which a platform ran until two things were logged, and were dealt with. */
async function aLog(t: Test, dealWith: ReturnType<typeof sql>[] = []): Promise<string> {
  const dataDir = join(t.testdir(), 'data');
  const database = await pgliteDatabase({ dataDir, logger });
  const events = memoryEvents({ logger });
  const parts = { ...(await testGatewayParts(t)), database, events };
  const auth = await startAuth(t, parts);
  events.start();
  for (const version of [1, 2]) {
    await publish(events, {
      id: randomUUID(),
      kind: 'definition.deployed',
      key: 'definition:repair_apply',
      at: '2026-11-05T08:00:00.000Z',
      requestId: 'request-1',
      actorId: null,
      address: null,
      data: { processName: 'repair_apply', version },
    });
  }
  const db = await openTables(parts);
  for (const statement of dealWith) await statement.execute(db);
  await auth.close();
  await database.close();
  return dataDir;
}

t.test('the command says how many lines are as they were written', async (t) => {
  const { code, printed, complained } = await runTool(t, source, { DATA_DIR: await aLog(t) }, []);
  t.match(printed, /^2 entries are as they were written; the last one's hash is [0-9a-f]{64}\n$/);
  t.same([code, complained], [0, '']);
});

t.test('the command ends with 1 at the first line that was altered', async (t) => {
  const dataDir = await aLog(t, [
    sql`alter table auth.audit_log disable trigger all`,
    sql`update auth.audit_log set actor_id = 10000001 where number = 2`,
  ]);
  t.same(await runTool(t, source, { DATA_DIR: dataDir }, []), {
    code: 1,
    printed: '',
    complained: '1 entries are as they were written; then entry 2 was altered\n',
  });
});

t.test('the command makes no database of a folder that has none', async (t) => {
  const none = join(t.testdir(), 'none');
  t.same(await runTool(t, source, { DATA_DIR: none }, []), {
    code: 1,
    printed: '',
    complained: `there is no database in ${none}: set DATA_DIR, or DATABASE_URL\n`,
  });
});
