import { createOutboxWriter } from '@vestibule/shared/outbox/outbox-writer';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { testParts } from '@vestibule/shared/test/parts';
import type { Kysely } from 'kysely';
import type { Test } from 'tap';
import { createChangesRepository } from '../src/changes-repository.ts';
import { createDue } from '../src/due.ts';
import { createDueRepository, type DueKind } from '../src/due-repository.ts';
import { migrations } from '../src/migrations/index.ts';
import { createMoves } from '../src/moves.ts';
import { createMovesRepository } from '../src/moves-repository.ts';
import type { ProcessTables } from '../src/tables.ts';

export const hourMs = 3_600_000;

/** Due dates on tables of their own; events stay in the outbox. */
export async function openDue(t: Test) {
  const clock = movableClock();
  const parts = await testParts(t, { clock });
  const db = await parts.database.open<ProcessTables>({ schema: 'process', migrations });
  const counted: Record<DueKind, number> = { overdue: 0, 'due-soon': 0 };
  const replica = () =>
    createDue({
      repository: createDueRepository({ db }),
      moves: createMoves({
        repository: createMovesRepository({ db }),
        changes: createChangesRepository(),
        outbox: createOutboxWriter({ clock }),
        clock,
      }),
      outbox: { wake() {} },
      clock,
      newId: () => 'a-look',
      count: (kind, tasks) => {
        counted[kind] += tasks;
      },
    });
  const { signal } = new AbortController();
  return { db, clock, counted, replica, fire: () => replica().fire(signal) };
}

/** So long after now. */
export const at = (clock: () => number, inMs: number) => new Date(clock() + inMs);

/** The history of an instance, without its times. */
export const historyOf = (db: Kysely<ProcessTables>, instanceId: number) =>
  db
    .selectFrom('history')
    .select(['number', 'action', 'actor_id', 'task_id', 'details'])
    .where('instance_id', '=', instanceId)
    .orderBy('number')
    .execute();

/** What waits in the outbox. */
export const eventsOf = async (db: Kysely<ProcessTables>) =>
  (await db.selectFrom('outbox').select(['key', 'event']).orderBy('number').execute()).map(
    ({ key, event }) => ({ key, event }),
  );
