import { type Generated, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Test } from 'tap';
import type { Database, Migrations } from '../../src/database/database.ts';
import type { Logger } from '../../src/logger.ts';

/**
 * Opens one and the same empty database as often as asked, and closes all of them at the test's end. With
 * `own` or a `logger` the test may close it itself.
 */
export type OpenDatabases = (
  t: Test,
  options?: { own?: boolean; logger?: Logger },
) => Promise<() => Database>;

export type Rows = {
  rows: { id: number; name: string; amount: Generated<number> };
};

/** A table with a primary key, a unique name and an amount that is never negative. */
export const rowsTable: Migration = {
  async up(db) {
    await db.schema
      .createTable('rows')
      .addColumn('id', 'bigint', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull().unique())
      .addColumn('amount', 'integer', (column) => column.notNull().defaultTo(0))
      .addCheckConstraint('rows_amount_positive', sql`amount >= 0`)
      .execute();
  },
};

export const rowsMigrations: Migrations = { '0001-rows': rowsTable };
