import type { JsonObject } from '@vestibule/shared/contracts/json';
import { fixedQuery } from '@vestibule/shared/database/fixed-query';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Definition } from './definition.ts';
import type { ProcessTables } from './tables.ts';

/** A version of a definition before it has its number. */
export type NewVersion = {
  name: string;
  body: JsonObject;
  digest: string;
  /** Null: shipped. */
  deployedBy: number | null;
  deployedAt: Date;
};

type Named = { name: string; version: number };

/** The newest version of each name. */
const newestOf = (db: Kysely<ProcessTables>) =>
  db.selectFrom('definitions').distinctOn('name').orderBy('name').orderBy('version', 'desc');

const newestVersion = (db: Kysely<ProcessTables>, name: string) =>
  db
    .selectFrom('definitions')
    .select(({ fn }) => fn.max<number | null>('version').as('version'))
    .where('name', '=', name);

/** All SQL on definitions. */
export function createDefinitionsRepository({ db }: { db: Kysely<ProcessTables> }) {
  const newest = fixedQuery(db, ({ name }: { name: string }) => newestVersion(db, name));

  return {
    /** Null: there is none. */
    async newestVersion(name: string): Promise<number | null> {
      const [row] = await newest({ name });
      return row?.version ?? null;
    },

    /** The body of a version as it was stored; undefined: there is none. */
    async body({ name, version }: Named): Promise<unknown> {
      const row = await db
        .selectFrom('definitions')
        .select('body')
        .where('name', '=', name)
        .where('version', '=', version)
        .executeTakeFirst();
      return row?.body;
    },

    /** By name. */
    newestVersions: (): Promise<Named[]> => newestOf(db).select(['name', 'version']).execute(),

    /** The names whose newest version is started by something that happens elsewhere. */
    async startedBy(on: NonNullable<Definition['start']['on']>): Promise<string[]> {
      const rows = await db
        .selectFrom(newestOf(db).select(['name', 'body']).as('newest'))
        .select('name')
        .where(sql<string>`body -> 'start' ->> 'on'`, '=', on)
        .orderBy('name')
        .execute();
      return rows.map(({ name }) => name);
    },

    /** Runs `deploy` in a transaction while nobody else, on any replica, deploys anything. */
    inTurn<Result>(deploy: (tx: Transaction<ProcessTables>) => Promise<Result>): Promise<Result> {
      return db.transaction().execute(async (tx) => {
        await sql`select pg_advisory_xact_lock(hashtextextended('deployment of process definitions', 0))`.execute(
          tx,
        );
        return deploy(tx);
      });
    },

    /** The digest of the version that was shipped last; undefined: none was. */
    async shippedDigest(tx: Transaction<ProcessTables>, name: string): Promise<string | undefined> {
      const row = await tx
        .selectFrom('definitions')
        .select('digest')
        .where('name', '=', name)
        .where('deployed_by', 'is', null)
        .orderBy('version', 'desc')
        .executeTakeFirst();
      return row?.digest;
    },

    /** Bytes of JSON of the newest versions of all other names. */
    async bytesBeside(tx: Transaction<ProcessTables>, name: string): Promise<number> {
      const { bytes } = await tx
        .selectFrom(newestOf(tx).select('body').where('name', '!=', name).as('newest'))
        .select(sql<number>`coalesce(sum(octet_length(body::text)), 0)::int8`.as('bytes'))
        .executeTakeFirstOrThrow();
      return bytes;
    },

    /** In turn: the version is one more than the newest. */
    async add(tx: Transaction<ProcessTables>, version: NewVersion): Promise<number> {
      const newest = await newestVersion(tx, version.name).executeTakeFirstOrThrow();
      const number = (newest.version ?? 0) + 1;
      await tx
        .insertInto('definitions')
        .values({
          name: version.name,
          version: number,
          body: JSON.stringify(version.body),
          digest: version.digest,
          deployed_by: version.deployedBy,
          deployed_at: version.deployedAt,
        })
        .execute();
      return number;
    },
  };
}
export type DefinitionsRepository = ReturnType<typeof createDefinitionsRepository>;
