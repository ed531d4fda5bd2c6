import { type Kysely, sql } from 'kysely';
import type { ProcessTables } from '../src/tables.ts';

/** So many instances, of 1,000 applicants and in all states, each with a task, its history and its people. */
export async function insertInstances(db: Kysely<ProcessTables>, count: number): Promise<void> {
  const numbers = sql<{ n: number }>`generate_series(1, ${sql.lit(count)})`.as<'numbers'>(sql`numbers (n)`);
  const at = sql<Date>`timestamptz '2026-01-01' + n * interval '61 seconds'`;
  const select = db.selectFrom(numbers);
  await db
    .insertInto('instances')
    .columns([
      'id',
      'process_name',
      'version',
      'status',
      'form',
      'applicant_id',
      'history_length',
      'created_at',
      'modified_at',
    ])
    .expression(
      select.select([
        'n as id',
        sql<string>`'process_' || n % 20`.as('process_name'),
        sql.lit(1).as('version'),
        sql<'running'>`(array['running', 'completed', 'completed', 'cancelled'])[1 + n / 7 % 4]`.as('status'),
        sql`jsonb_build_object('title', repeat('x', 500))`.as('form'),
        sql<number>`20000000 + n % 1000`.as('applicant_id'),
        sql.lit(3).as('history_length'),
        at.as('created_at'),
        at.as('modified_at'),
      ]),
    )
    .execute();
  await db
    .insertInto('tasks')
    .columns([
      'id',
      'instance_id',
      'step',
      'status',
      'candidate_role',
      'assignee_id',
      'due_at',
      'remind_at',
      'opened_at',
    ])
    .expression(
      select.select([
        'n as id',
        'n as instance_id',
        sql.lit('repair').as('step'),
        sql<'open'>`(array['open', 'claimed', 'completed', 'cancelled'])[1 + n % 4]`.as('status'),
        sql<'repair'>`(array['repair', 'donor', 'volunteer', 'admin', 'normal'])[1 + n / 5 % 5]`.as(
          'candidate_role',
        ),
        sql<number>`30000000 + n % 1000`.as('assignee_id'),
        at.as('due_at'),
        at.as('remind_at'),
        at.as('opened_at'),
      ]),
    )
    .execute();
  await db
    .insertInto('history')
    .columns(['instance_id', 'number', 'at', 'action', 'actor_id', 'task_id', 'details'])
    .expression(
      select
        .innerJoin(sql<{ i: number }>`generate_series(1, 3)`.as<'entries'>(sql`entries (i)`), (join) =>
          join.onTrue(),
        )
        .select([
          'n as instance_id',
          'i as number',
          at.as('at'),
          sql.lit('claimed').as('action'),
          sql<number>`30000000 + n % 1000`.as('actor_id'),
          'n as task_id',
          sql`'{}'::jsonb`.as('details'),
        ]),
    )
    .execute();
  for (const offset of [20_000_000, 30_000_000]) {
    await db
      .insertInto('participants')
      .columns(['instance_id', 'account_id'])
      .expression(
        select.select(['n as instance_id', sql<number>`${sql.lit(offset)} + n % 1000`.as('account_id')]),
      )
      .execute();
  }
  await db
    .insertInto('actions')
    .columns(['instance_id', 'step', 'action', 'account_id', 'next_attempt_at'])
    .expression(
      select.select([
        'n as instance_id',
        sql.lit('audit').as('step'),
        sql.lit('audit-account' as const).as('action'),
        sql<number>`20000000 + n % 1000`.as('account_id'),
        at.as('next_attempt_at'),
      ]),
    )
    .execute();
  await db
    .insertInto('idempotency_keys')
    .columns(['account_id', 'key', 'digest', 'instance_id', 'expires_at'])
    .expression(
      select.select([
        sql<number>`20000000 + n % 1000`.as('account_id'),
        sql<string>`'key-' || n`.as('key'),
        sql.lit('digest').as('digest'),
        'n as instance_id',
        at.as('expires_at'),
      ]),
    )
    .execute();
  for (const sequence of ['instances_id_seq', 'tasks_id_seq']) {
    await sql`select setval(${`process.${sequence}`}::regclass, ${sql.lit(count)})`.execute(db);
  }
}

/** What the planner must know to choose as it would in production, and indexes to be read without the rows. */
export async function vacuum(db: Kysely<ProcessTables>): Promise<void> {
  const tables = ['instances', 'tasks', 'history', 'participants', 'actions', 'idempotency_keys'] as const;
  for (const table of tables) await sql`vacuum analyze ${sql.table(`process.${table}`)}`.execute(db);
}
