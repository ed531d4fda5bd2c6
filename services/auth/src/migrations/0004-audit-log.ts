import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { emptyHead } from '../audit/audit-chain.ts';

/** The audit log, to which lines are only added, and where it ends. */
export const auditLog: Migration = {
  async up(db) {
    await db.schema
      .createTable('audit_log')
      .addColumn('number', 'bigint', (column) => column.primaryKey())
      .addColumn('at', 'timestamptz', (column) => column.notNull())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('actor_id', 'bigint')
      .addColumn('account_id', 'bigint')
      .addColumn('address', 'text')
      .addColumn('request_id', 'text', (column) => column.notNull())
      .addColumn('details', 'jsonb', (column) => column.notNull())
      .addColumn('event_id', 'uuid', (column) => column.notNull().unique())
      .addColumn('hash', 'text', (column) => column.notNull())
      .execute();
    for (const column of ['actor_id', 'account_id', 'action', 'at']) {
      await db.schema
        .createIndex(`audit_log_${column}`)
        .on('audit_log')
        .columns([column, 'number'])
        .execute();
    }
    await db.schema
      .createTable('audit_head')
      .addColumn('number', 'bigint', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .execute();
    await db.insertInto('audit_head').values(emptyHead).execute();

    await sql`
      create function auth.refuse_audit_change() returns trigger language plpgsql as $$
      begin
        raise exception 'the audit log is only added to';
      end $$`.execute(db);
    await sql`
      create trigger audit_log_is_only_added_to before update or delete or truncate on auth.audit_log
      for each statement execute function auth.refuse_audit_change()`.execute(db);
  },
};
