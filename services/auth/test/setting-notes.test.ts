import { authContracts } from '@vestibule/shared/contracts/auth';
import type { RequestOf } from '@vestibule/shared/contracts/contract';
import type { Parts } from '@vestibule/shared/parts';
import { testParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import t, { type Test } from 'tap';
import { verifyAuditLog } from '../src/audit/verify-audit-log.ts';
import { gateway, openTables, startAuth } from './auth-service.ts';

const environment = { OUTBOX_POLL_MS: '20' };

async function startNoting(t: Test) {
  const parts = await testParts(t);
  await startAuth(t, parts, { environment });
  const { call } = gateway(parts);
  return {
    parts,
    note: (
      part: RequestOf<typeof authContracts.noteSettings>['part'],
      settings: Record<string, string>,
    ): Promise<{ changed: boolean }> => call(authContracts.noteSettings, { part, settings }),
  };
}

/** The lines about settings, oldest first, once there are so many. */
async function linesOf(parts: Parts, total: number) {
  const filter = { action: 'setting.changed', page: 1, perPage: 100 };
  const list = () => gateway(parts).call(authContracts.auditLog, filter);
  await until(`${total} lines are logged`, async () => (await list()).total >= total);
  return (await list()).entries.toReversed();
}

const details = (lines: Awaited<ReturnType<typeof linesOf>>) => lines.map((line) => line.details);

t.test('the first start of a part is a line with all that it runs with', async (t) => {
  const { parts, note } = await startNoting(t);
  t.strictSame(await note('user', { LIMIT: '5', KEYS_SECRET: '(hidden 0a1b2c3d)' }), { changed: true });
  const lines = await linesOf(parts, 1);
  t.match(lines, [
    {
      number: 1,
      action: 'setting.changed',
      actorId: null,
      accountId: null,
      address: null,
      requestId: 'a-request',
      details: {
        part: 'user',
        changes: [
          { name: 'KEYS_SECRET', from: null, to: '(hidden 0a1b2c3d)' },
          { name: 'LIMIT', from: null, to: '5' },
        ],
      },
    },
  ]);
});

t.test('a start with other settings is a line with those, from what to what', async (t) => {
  const { parts, note } = await startNoting(t);
  await note('user', { GONE: 'x', LIMIT: '5', SAME: 'y' });
  t.strictSame(await note('user', { LIMIT: '6', NEW: 'z', SAME: 'y' }), { changed: true });
  t.strictSame(await note('user', { LIMIT: '5', NEW: 'z', SAME: 'y' }), { changed: true });
  const [, second, third] = details(await linesOf(parts, 3));
  t.strictSame(second, {
    part: 'user',
    changes: [
      { to: null, from: 'x', name: 'GONE' },
      { to: '6', from: '5', name: 'LIMIT' },
      { to: 'z', from: null, name: 'NEW' },
    ],
  });
  t.strictSame(third, { part: 'user', changes: [{ to: '5', from: '6', name: 'LIMIT' }] });
  t.match(await verifyAuditLog(parts.database), { entries: 3, fault: null });
});

t.test('a start with the same settings writes nothing', async (t) => {
  const { parts, note } = await startNoting(t);
  await note('user', { LIMIT: '5' });
  t.strictSame(await note('user', { LIMIT: '5' }), { changed: false });
  t.strictSame(await note('process', {}), { changed: false }, 'nor does a part that has none set');
  await note('user', { LIMIT: '6' });
  t.equal((await linesOf(parts, 2)).length, 2);
});

t.test('each part has settings of its own', async (t) => {
  const { parts, note } = await startNoting(t);
  await note('user', { LIMIT: '5' });
  await note('gateway', { LIMIT: '6' });
  t.strictSame(await note('user', { LIMIT: '5' }), { changed: false });
  const told = details(await linesOf(parts, 2)).toSorted((one, other) =>
    String(one.part).localeCompare(String(other.part)),
  );
  t.strictSame(told, [
    { part: 'gateway', changes: [{ to: '6', from: null, name: 'LIMIT' }] },
    { part: 'user', changes: [{ to: '5', from: null, name: 'LIMIT' }] },
  ]);
});

t.test('replicas that start at once tell of each change once', async (t) => {
  const { parts, note } = await startNoting(t);
  await startAuth(t, parts, { environment });
  const notes = await Promise.all(Array.from({ length: 12 }, () => note('user', { LIMIT: '5' })));
  t.equal(notes.filter(({ changed }) => changed).length, 1);
  t.equal((await linesOf(parts, 1)).length, 1);
});

t.test('what could not be told of is not noted', async (t) => {
  const { parts, note } = await startNoting(t);
  const db = await openTables(parts);
  await db.schema.alterTable('outbox').renameTo('outbox_away').execute();
  await t.rejects(note('user', { LIMIT: '5' }));
  await db.schema.alterTable('outbox_away').renameTo('outbox').execute();
  t.strictSame(await note('user', { LIMIT: '5' }), { changed: true });
  t.equal((await linesOf(parts, 1)).length, 1);
});

t.test('what is no name of a setting, or of a part, is refused', async (t) => {
  const { parts } = await startNoting(t);
  const refused = { code: 'contract-violated' };
  const note = (input: unknown) =>
    gateway(parts).call(authContracts.noteSettings, input as RequestOf<typeof authContracts.noteSettings>); // Some does not fit.
  await t.rejects(note({ part: 'nobody', settings: {} }), refused);
  for (const name of ['limit', '__proto__', 'A\nB', '']) {
    await t.rejects(note({ part: 'user', settings: Object.fromEntries([[name, '1']]) }), refused, name);
  }
});
