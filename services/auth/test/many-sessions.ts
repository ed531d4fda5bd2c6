import { type Kysely, sql } from 'kysely';
import type { AuthTables } from '../src/tables.ts';

/**
 * So many sessions of 1,000 accounts, one in 20 ended, and as many of all else that grows: addresses, counters and lines
 * of the audit log; and 100 notes for it.
 */
export async function insertSessions(db: Kysely<AuthTables>, count: number): Promise<void> {
  const numbers = sql<{ n: number }>`generate_series(1, ${sql.lit(count)})`.as<'numbers'>(sql`numbers (n)`);
  const at = sql<Date>`timestamptz '2026-01-01' + n * interval '61 seconds'`;
  const accountId = sql<number>`20000000 + n % 1000`;
  const select = db.selectFrom(numbers);
  await db
    .insertInto('sessions')
    .columns(['id', 'account_id', 'session_epoch', 'created_at', 'expires_at', 'ended_at'])
    .expression(
      select.select([
        sql<string>`'session-' || n`.as('id'),
        accountId.as('account_id'),
        sql.lit(0).as('session_epoch'),
        at.as('created_at'),
        sql<Date>`${at} + interval '7 days'`.as('expires_at'),
        sql<Date | null>`case when n % 20 = 0 then ${at} end`.as('ended_at'),
      ]),
    )
    .execute();
  await db
    .insertInto('known_addresses')
    .columns(['subject', 'address', 'last_seen_at'])
    .expression(
      select.select([
        sql<string>`'subject-' || n % 1000`.as('subject'),
        sql<string>`'address-' || n`.as('address'),
        at.as('last_seen_at'),
      ]),
    )
    .execute();
  await db
    .insertInto('guess_counters')
    .columns(['key', 'count', 'window_ends'])
    .expression(
      select.select([sql<string>`'key-' || n`.as('key'), sql.lit(1).as('count'), at.as('window_ends')]),
    )
    .execute();
  await db
    .insertInto('audit_log')
    .columns([
      'number',
      'at',
      'action',
      'actor_id',
      'account_id',
      'request_id',
      'details',
      'event_id',
      'hash',
    ])
    .expression(
      select.select([
        'n as number',
        at.as('at'),
        sql<string>`'account.done-' || n % 20`.as('action'),
        accountId.as('actor_id'),
        sql<number>`20000000 + n % 999`.as('account_id'),
        sql.lit('a-request').as('request_id'),
        sql`'{}'::jsonb`.as('details'),
        sql<string>`gen_random_uuid()`.as('event_id'),
        sql<string>`repeat('h', 64)`.as('hash'),
      ]),
    )
    .execute();
  await db
    .updateTable('audit_head')
    .set({ number: count, hash: 'h'.repeat(64) })
    .execute();
  await db
    .insertInto('audit_notes')
    .columns(['event'])
    .expression(
      select.where('n', '<=', 100).select(
        sql`jsonb_build_object(
          'id', gen_random_uuid(), 'kind', 'session.opened', 'at', ${at}, 'requestId', 'a-request', 'actorId', null,
          'address', null, 'key', 'a-key', 'data', jsonb_build_object('accountId', ${accountId}, 'way', 'password')
        )`.as('event'),
      ),
    )
    .execute();
}

/** What the planner must know to choose as it would in production, and indexes to be read without the rows. */
export async function vacuum(db: Kysely<AuthTables>): Promise<void> {
  const tables = ['sessions', 'known_addresses', 'guess_counters', 'audit_log'] as const;
  for (const table of tables) await sql`vacuum analyze ${sql.table(`auth.${table}`)}`.execute(db);
}
