import { type Kysely, sql } from 'kysely';
import type { ProcessTables } from '../src/tables.ts';

type Times = { dueAt: Date | null; remindAt?: Date | null };

/** Running instances of the ids `from` to `to`, each of an applicant of its own, with one open task of the same id. */
export async function insertTasks(
  db: Kysely<ProcessTables>,
  [from, to]: readonly [from: number, to: number],
  { dueAt, remindAt = null }: Times,
): Promise<void> {
  const numbers = sql<{ n: number }>`generate_series(${sql.lit(from)}, ${sql.lit(to)})`.as<'numbers'>(
    sql`numbers (n)`,
  );
  const openedAt = new Date(0);
  await db
    .insertInto('instances')
    .columns(['id', 'process_name', 'version', 'status', 'form', 'applicant_id', 'created_at', 'modified_at'])
    .expression((expression) =>
      expression
        .selectFrom(numbers)
        .select([
          'n as id',
          sql.lit('repair_apply').as('process_name'),
          sql.lit(1).as('version'),
          sql.lit('running' as const).as('status'),
          sql`'{}'::jsonb`.as('form'),
          sql<number>`20000000 + n`.as('applicant_id'),
          sql<Date>`${openedAt}::timestamptz`.as('created_at'),
          sql<Date>`${openedAt}::timestamptz`.as('modified_at'),
        ]),
    )
    .execute();
  await db
    .insertInto('tasks')
    .columns(['id', 'instance_id', 'step', 'status', 'candidate_role', 'due_at', 'remind_at', 'opened_at'])
    .expression((expression) =>
      expression
        .selectFrom(numbers)
        .select([
          'n as id',
          'n as instance_id',
          sql.lit('repair').as('step'),
          sql.lit('open' as const).as('status'),
          sql.lit('repair' as const).as('candidate_role'),
          sql<Date | null>`${dueAt}::timestamptz`.as('due_at'),
          sql<Date | null>`${remindAt}::timestamptz`.as('remind_at'),
          sql<Date>`${openedAt}::timestamptz`.as('opened_at'),
        ]),
    )
    .execute();
}
