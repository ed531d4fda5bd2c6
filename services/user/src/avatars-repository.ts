import type { AccountStatus, Avatar } from '@vestibule/shared/contracts/account';
import { type Kysely, sql } from 'kysely';
import type { UserTables } from './tables.ts';

/** A picture as it is kept. */
export type StoredAvatar = { contentType: Avatar['contentType']; bytes: Buffer; etag: string };

/** Null when the account has none, or is deleted. */
export async function findAvatar(db: Kysely<UserTables>, accountId: number): Promise<StoredAvatar | null> {
  const row = await db
    .selectFrom('avatars')
    .innerJoin('accounts', 'accounts.id', 'avatars.account_id')
    .select(['avatars.content_type as contentType', 'avatars.bytes', 'avatars.etag'])
    .where('avatars.account_id', '=', accountId)
    .where('accounts.status', '<>', sql.lit<AccountStatus>('deleted'))
    .executeTakeFirst();
  return row ?? null;
}

/** SQL that finds pictures. */
export function createAvatarsRepository({ db }: { db: Kysely<UserTables> }) {
  return { find: (accountId: number) => findAvatar(db, accountId) };
}
export type AvatarsRepository = ReturnType<typeof createAvatarsRepository>;
