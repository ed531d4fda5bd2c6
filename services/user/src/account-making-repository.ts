import type { IdentityKind } from '@vestibule/shared/contracts/account';
import { fixedQuery } from '@vestibule/shared/database/fixed-query';
import { isUniqueViolation } from '@vestibule/shared/database/sql-errors';
import { AppError } from '@vestibule/shared/errors';
import { type Kysely, sql } from 'kysely';
import { recordColumns } from './account-record.ts';
import { raised, shardOf } from './account-totals.ts';
import type { StoredAvatar } from './avatars-repository.ts';
import type { UserTables } from './tables.ts';

/** What a new account is given; the other columns begin as the table says. */
const columns = [
  ...(['id', 'role', 'status', 'unionid', 'created_at', 'modified_at'] as const),
  ...(['first_name', 'first_name_folded', 'last_name', 'last_name_folded', 'name', 'age'] as const),
  ...(['phone', 'address', 'company', 'email', 'position', 'qq', 'cardno', 'wxid'] as const),
  ...(['wx_userinfo', 'wx_taken_at'] as const),
];
type Row = Record<(typeof columns)[number], unknown>;

/** Identities, each of their parts as a list. */
export type Wanted = { kinds: IdentityKind[]; folded: string[]; values: string[]; digests: string[] };

export type NewAccount = Row &
  Wanted & { [part in keyof StoredAvatar]: StoredAvatar[part] | null } & {
    hash: string | null;
    key: string;
    event: string;
  };

/** The identities, and those of them that an account has, or an erased one had. */
function withTaken(db: Kysely<UserTables>, given: Wanted, count: number) {
  const { kinds, folded, values, digests } = given;
  const list = sql<{ kind: IdentityKind; folded: string; value: string; digest: string }>`
    unnest(${kinds}::text[], ${folded}::text[], ${values}::text[], ${digests}::text[])`;
  return db
    .with('wanted', (part) =>
      part
        .selectFrom(list.as<'identity'>(sql`identity (kind, folded, value, digest)`))
        .selectAll()
        // Says how many there are: the planner would count with more, and then plan each time anew.
        .limit(sql.lit(count)),
    )
    .with('taken', (part) =>
      part
        .selectFrom('wanted')
        .select('wanted.kind')
        // Not `exists`: planned while the tables are small, that reads them whole, and does so ever after.
        .where(({ or, eb, selectFrom }) =>
          or([
            eb(
              selectFrom('identities')
                .select('identities.kind')
                .whereRef('identities.kind', '=', 'wanted.kind')
                .whereRef('identities.value_folded', '=', 'wanted.folded'),
              'is not',
              null,
            ),
            eb(
              selectFrom('erased_identities')
                .select('erased_identities.kind')
                .whereRef('erased_identities.kind', '=', 'wanted.kind')
                .where('erased_identities.digest', '=', sql<Buffer>`decode(wanted.digest, 'hex')`),
              'is not',
              null,
            ),
          ]),
        ),
    );
}

/**
 * All of an account under an id that is free and with identities that are, or nothing and no row. One statement, which
 * needs no transaction and sees an identity with its account, or with an erased one.
 */
const insertion = (db: Kysely<UserTables>, count: number) =>
  fixedQuery(db, (given: NewAccount) =>
    withTaken(db, given, count)
      .with('made', (part) =>
        part
          .insertInto('accounts')
          .columns(columns)
          .expression(
            part
              .selectNoFrom(columns.map((column) => sql`${given[column]}`.as(column)))
              .where(({ exists, not, selectFrom }) => not(exists(selectFrom('taken').select('taken.kind')))),
          )
          .onConflict((conflict) => conflict.column('id').doNothing())
          .returning(recordColumns),
      )
      .with('named', (part) =>
        part
          .insertInto('identities')
          .columns(['kind', 'value_folded', 'value', 'account_id'])
          .expression(({ selectFrom }) =>
            selectFrom(['made', 'wanted'])
              .select(['wanted.kind', 'wanted.folded', 'wanted.value', 'made.id'])
              // In one order everywhere: two that each hold what the other wants next would block each other.
              .orderBy('wanted.kind')
              .orderBy('wanted.folded'),
          )
          .returning('identities.kind'),
      )
      .with('secured', (part) =>
        part
          .insertInto('passwords')
          .columns(['account_id', 'hash', 'changed_at'])
          .expression(({ selectFrom }) =>
            selectFrom('made')
              .select(['made.id', sql`${given.hash}`.as('hash'), 'made.createdAt'])
              .where(sql<boolean>`${given.hash}::text is not null`),
          ),
      )
      .with('pictured', (part) =>
        part
          .insertInto('avatars')
          .columns(['account_id', 'created_at', 'content_type', 'bytes', 'etag'])
          .expression(({ selectFrom }) =>
            selectFrom('made')
              .select(['made.id', 'made.createdAt'])
              .select([sql`${given.contentType}`.as('type'), sql`${given.bytes}`.as('bytes')])
              .select(sql`${given.etag}`.as('etag'))
              .where(sql<boolean>`${given.etag}::text is not null`),
          ),
      )
      .with('told', (part) =>
        part
          .insertInto('outbox')
          .columns(['key', 'event'])
          .expression(({ selectFrom }) =>
            selectFrom('made').select([sql`${given.key}`.as('key'), sql`${given.event}`.as('event')]),
          ),
      )
      .with('counted', (part) =>
        part
          .insertInto('account_totals')
          .columns(['shard', 'accounts'])
          .expression(({ selectFrom }) =>
            selectFrom('made')
              .select([shardOf(sql.ref('made.id')).as('shard'), sql.lit(1).as('accounts')])
              // As it always is; but to know that, it must wait until they are there: see `addToTotal`.
              .where(
                selectFrom('named').select(({ fn }) => fn.countAll().as('count')),
                '=',
                sql.lit(count),
              ),
          )
          .onConflict((conflict) => conflict.column('shard').doUpdateSet(raised)),
      )
      .selectFrom('made')
      .selectAll(),
  );

/** For each number of identities. */
function perCount<Query>(build: (count: number) => Query): (count: number) => Query {
  const built = new Map<number, Query>();
  return (count) => {
    const query = built.get(count) ?? build(count);
    built.set(count, query);
    return query;
  };
}

/** All SQL that makes accounts. */
export function createAccountMakingRepository({ db }: { db: Kysely<UserTables> }) {
  const insertions = perCount((count) => insertion(db, count));
  const takens = perCount((count) =>
    fixedQuery(db, (given: Wanted) =>
      withTaken(db, given, count).selectFrom('taken').select('kind').limit(1),
    ),
  );

  return {
    /** All of it or nothing: null when the id is taken. Fails with `identity-taken`. */
    async insert(account: NewAccount) {
      const count = account.kinds.length;
      const [row] = await insertions(count)(account).catch((error: unknown) => {
        // Somebody else got one just now, or one is there twice.
        throw isUniqueViolation(error) ? new AppError('identity-taken') : error;
      });
      if (row) return row;
      const [taken] = await takens(count)(account);
      if (taken) throw new AppError('identity-taken');
      return null;
    },
  };
}
