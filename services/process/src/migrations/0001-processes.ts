import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Definitions: one row per version, never changed. */
async function createDefinitions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('definitions')
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    // Not jsonb, which would put the fields of a form into another order than that in which they are asked.
    .addColumn('body', 'json', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('deployed_by', 'bigint')
    .addColumn('deployed_at', 'timestamptz', (column) => column.notNull())
    .addPrimaryKeyConstraint('definitions_pkey', ['name', 'version'])
    .execute();
}

/** Their definition is not referred to: every start would lock the one row of its version. */
async function createInstances(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('instances')
    .addColumn('id', 'bigint', (column) => column.primaryKey().generatedByDefaultAsIdentity())
    .addColumn('process_name', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('form', 'jsonb', (column) => column.notNull())
    .addColumn('applicant_id', 'bigint', (column) => column.notNull())
    .addColumn('outcome', 'text')
    .addColumn('taken_up', 'boolean', (column) => column.notNull().defaultTo(false))
    .addColumn('history_length', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addColumn('modified_at', 'timestamptz', (column) => column.notNull())
    .addCheckConstraint('instances_status_known', sql`status in ('running', 'completed', 'cancelled')`)
    .execute();
  // Lists are newest first, of an applicant or of all, with or without each filter.
  const lists = [['applicant_id'], ['process_name'], ['status'], ['process_name', 'status']];
  for (const columns of lists) {
    const name = `instances_by_${columns.join('_')}`;
    await db.schema
      .createIndex(name)
      .on('instances')
      .columns([...columns, 'id'])
      .execute();
  }
  await db.schema
    .createIndex('instances_running')
    .on('instances')
    .columns(['applicant_id', 'process_name'])
    .where(sql<boolean>`status = 'running'`)
    .execute();
}

async function createTasks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tasks')
    .addColumn('id', 'bigint', (column) => column.primaryKey().generatedByDefaultAsIdentity())
    .addColumn('instance_id', 'bigint', (column) => column.notNull().references('instances.id'))
    .addColumn('step', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('candidate_role', 'text')
    .addColumn('assignee_id', 'bigint')
    .addColumn('due_at', 'timestamptz')
    .addColumn('remind_at', 'timestamptz')
    .addColumn('overdue_at', 'timestamptz')
    .addColumn('opened_at', 'timestamptz', (column) => column.notNull())
    .addColumn('closed_at', 'timestamptz')
    .addCheckConstraint('tasks_status_known', sql`status in ('open', 'claimed', 'completed', 'cancelled')`)
    .addCheckConstraint('tasks_claimed_by_somebody', sql`status <> 'claimed' or assignee_id is not null`)
    .execute();
  await db.schema.createIndex('tasks_of_instance').on('tasks').columns(['instance_id', 'id']).execute();
  // The two parts of an inbox, in its order.
  await db.schema
    .createIndex('tasks_claimed')
    .on('tasks')
    .columns(['assignee_id', 'due_at', 'id'])
    .where(sql<boolean>`status = 'claimed'`)
    .execute();
  await db.schema
    .createIndex('tasks_open')
    .on('tasks')
    .columns(['candidate_role', 'due_at', 'id'])
    .where(sql<boolean>`status = 'open'`)
    .execute();
  // What is to be fired, the earliest first.
  await db.schema
    .createIndex('tasks_to_remind')
    .on('tasks')
    .column('remind_at')
    .where(sql<boolean>`remind_at is not null and status in ('open', 'claimed')`)
    .execute();
  await db.schema
    .createIndex('tasks_to_fall_due')
    .on('tasks')
    .column('due_at')
    .where(sql<boolean>`due_at is not null and overdue_at is null and status in ('open', 'claimed')`)
    .execute();
}

async function createHistory(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('history')
    .addColumn('instance_id', 'bigint', (column) => column.notNull().references('instances.id'))
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('at', 'timestamptz', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('actor_id', 'bigint')
    .addColumn('task_id', 'bigint')
    .addColumn('details', 'jsonb', (column) => column.notNull())
    .addPrimaryKeyConstraint('history_pkey', ['instance_id', 'number'])
    .execute();
  await db.schema
    .createIndex('history_of_actor')
    .on('history')
    .columns(['actor_id', 'instance_id', 'number'])
    .where(sql<boolean>`actor_id is not null`)
    .execute();
  await db.schema
    .createTable('participants')
    .addColumn('instance_id', 'bigint', (column) => column.notNull().references('instances.id'))
    .addColumn('account_id', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('participants_pkey', ['instance_id', 'account_id'])
    .execute();
  await db.schema
    .createIndex('participants_of_account')
    .on('participants')
    .columns(['account_id', 'instance_id'])
    .execute();
}

async function createActions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('actions')
    .addColumn('id', 'bigint', (column) => column.primaryKey().generatedByDefaultAsIdentity())
    .addColumn('instance_id', 'bigint', (column) => column.notNull().references('instances.id'))
    .addColumn('step', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('account_id', 'bigint', (column) => column.notNull())
    .addColumn('actor_id', 'bigint')
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('next_attempt_at', 'timestamptz', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('actions_of_instance').on('actions').column('instance_id').execute();
  await db.schema.createIndex('actions_to_attempt').on('actions').column('next_attempt_at').execute();
}

async function createIdempotencyKeys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('idempotency_keys')
    .addColumn('account_id', 'bigint', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('instance_id', 'bigint', (column) => column.notNull().references('instances.id'))
    .addColumn('expires_at', 'timestamptz', (column) => column.notNull())
    .addPrimaryKeyConstraint('idempotency_keys_pkey', ['account_id', 'key'])
    .execute();
  await db.schema
    .createIndex('idempotency_keys_expiring')
    .on('idempotency_keys')
    .column('expires_at')
    .execute();
}

/** Definitions, instances, tasks and their history; the actions to be done and the keys of repeats. */
export const processes: Migration = {
  async up(db) {
    await createDefinitions(db);
    await createInstances(db);
    await createTasks(db);
    await createHistory(db);
    await createActions(db);
    await createIdempotencyKeys(db);
  },
};
