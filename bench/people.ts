import { join } from 'node:path';
import { argon2 } from '@vestibule/auth/password-hashing';
import { createLogger } from '@vestibule/shared/logger';
import type { UserTables } from '@vestibule/user/tables';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { openConnection } from './connection.ts';

/** As the user service's own tests fill its tables: each tree has its way, which fits its tables. */
type Filling = typeof import('../services/user/test/many-accounts.ts');
type Migrated = typeof import('../services/user/src/migrations/index.ts');
type Embedded = typeof import('../shared/src/database/pglite.ts');

const importFrom = (tree: string, file: string): Promise<unknown> => import(join(tree, file));

export const password = 'sesame-4711';

/** Accounts have the ids from here on; one in ten is deleted. */
const firstId = 20_000_000;
const admin = 1;
const workers = [2, 3, 4, 5, 6, 7, 8, 9];
const applicants = 100;
const isListed = (n: number) => n % 10 !== 0;
/** Those who have a password: the admin, those who repair, and those who read and apply. */
const known = Array.from({ length: 300 }, (_, index) => index + 1).filter(isListed);
const readers = known.filter((n) => n > 9).slice(0, applicants);

/** The accounts document's record of somebody. */
export const profile = { email: 'abc@abc.com', name: '测试用户5', phone: '13800138000', position: '职位1' };
export const nicknameOf = (id: number) => `Nick${id}`;

async function furnish(db: Kysely<UserTables>): Promise<void> {
  const hash = await argon2.hash(password);
  const ids = known.map((n) => firstId + n);
  await db.updateTable('passwords').set({ hash }).where('account_id', 'in', ids).execute();
  await db
    .updateTable('accounts')
    .set({ role: 'normal', ...profile })
    .where('id', 'in', ids)
    .execute();
  const become = (role: 'admin' | 'repair', ns: readonly number[]) =>
    db
      .updateTable('accounts')
      .set({ role })
      .where(
        'id',
        'in',
        ns.map((n) => firstId + n),
      )
      .execute();
  await become('admin', [admin]);
  await become('repair', workers);
}

/** Adds accounts until there are `to`; `from` are there already. What reads them is vacuumed and analysed. */
async function fill(tree: string, db: Kysely<UserTables>, from: number, to: number): Promise<void> {
  // That tree's module has the same functions as this one's.
  const filling = (await importFrom(tree, 'services/user/test/many-accounts.ts')) as Filling;
  await filling.insertAccounts(db, from + 1, to);
  await filling.insertBelongings(db, from + 1, to);
  if (from === 0) await furnish(db);
  await filling.vacuum(db);
}

/** Makes the accounts of a platform that runs on servers `to` many. */
export async function fillServers(tree: string, url: string, from: number, to: number): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  const database = new Kysely<UserTables>({ dialect: new PostgresDialect({ pool }) });
  await fill(tree, database.withSchema('users'), from, to);
  await database.destroy();
}

/** Makes the folder of a platform that is to run embedded, with so many accounts. */
export async function fillEmbedded(tree: string, dataDir: string, to: number): Promise<void> {
  // The same as above.
  const { migrations } = (await importFrom(tree, 'services/user/src/migrations/index.ts')) as Migrated;
  const { pgliteDatabase } = (await importFrom(tree, 'shared/src/database/pglite.ts')) as Embedded;
  const logger = createLogger({ level: 'warn', name: 'bench' });
  const database = await pgliteDatabase({ dataDir, logger, timeoutMs: 600_000 });
  await fill(tree, await database.open<UserTables>({ schema: 'users', migrations }), 0, to);
  await database.close();
}

/** Somebody who is signed in. */
export type Person = { id: number; token: string };
export type People = { admin: Person; workers: Person[]; readers: Person[] };

/** Signs in those whom the workloads need. */
export async function signIn(url: string): Promise<People> {
  const connection = openConnection(url);
  async function logIn(n: number): Promise<Person> {
    const id = firstId + n;
    const body = { id: String(id), password };
    const answer = await connection.ask({ method: 'POST', path: '/user/login', body });
    const token: unknown = JSON.parse(answer.body)?.data?.token;
    if (typeof token !== 'string') throw new Error(`${id} cannot sign in: ${answer.body}`);
    return { id, token };
  }
  async function logInAll(ns: readonly number[]): Promise<Person[]> {
    const people: Person[] = [];
    for (const n of ns) people.push(await logIn(n));
    return people;
  }
  try {
    return {
      admin: await logIn(admin),
      workers: await logInAll(workers),
      readers: await logInAll(readers),
    };
  } finally {
    connection.close();
  }
}
