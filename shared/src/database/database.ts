import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** A service's migrations by name (`0001-accounts`), run in the order of their names. */
export type Migrations = Readonly<Record<string, Migration>>;

/** What a service says of its part of the database. */
export type SchemaDefinition = {
  /** The Postgres schema that belongs to this service alone. */
  schema: string;
  migrations: Migrations;
};

/**
 * The database of this process: one pool on Postgres, or one embedded PGlite for all services in it.
 * Queries that fail because the database is away, or too slow, throw an AppError `database-unavailable`.
 */
export type Database = {
  /**
   * Creates the schema, runs what migrations are missing under an advisory lock (any number of replicas
   * may start at once), and answers a Kysely whose tables are those of that schema. Waits for a database
   * that is away and for tables that somebody keeps, however long, and keeps nobody from a table for long; a
   * failed migration is an error that names it, and changes nothing.
   */
  open<Tables>(definition: SchemaDefinition): Promise<Kysely<Tables>>;
  /** Whether it answers a query now; for readiness. Never throws. */
  ready(): Promise<boolean>;
  close(): Promise<void>;
};
