import type { AccountStatus, Avatar, IdentityKind, Role } from '@vestibule/shared/contracts/account';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import type { OutboxTable } from '@vestibule/shared/outbox/tables';
import type { ColumnType, Generated } from 'kysely';

/** One row per account, for good: deleted is a status. */
export type AccountsTable = {
  /** Random; see account-id.ts. */
  id: number;
  role: Role;
  status: AccountStatus;
  first_name: Generated<string>;
  last_name: Generated<string>;
  /** The names as search compares them; see identity.ts. */
  first_name_folded: Generated<string>;
  last_name_folded: Generated<string>;
  name: Generated<string>;
  phone: Generated<string>;
  address: Generated<string>;
  company: Generated<string>;
  age: Generated<number | null>;
  email: Generated<string>;
  position: Generated<string>;
  qq: Generated<string>;
  cardno: Generated<string>;
  wxid: Generated<string>;
  /** WeChat's own profile, kept as it was given; see wechat-profile.ts. */
  wx_userinfo: ColumnType<JsonObject | null, string | undefined, string | null>;
  /** When WeChat gave that profile: seconds since 1970. */
  wx_taken_at: Generated<number | null>;
  /** What WeChat calls the owner in all apps of one company; never shown. */
  unionid: Generated<string | null>;
  /** Grows when all sessions of the account must end. */
  session_epoch: Generated<number>;
  /** Grows with every change of role, status and session_epoch. */
  version: Generated<number>;
  created_at: Date;
  modified_at: Date;
  /** Null also where it was deleted before there was this column; then `modified_at` says when. */
  deleted_at: Generated<Date | null>;
  /** When all that it said of its owner was erased. */
  erased_at: Generated<Date | null>;
};

/** What an account can be reached by. Rows of deleted accounts stay until it is erased, so that nobody takes their names. */
export type IdentitiesTable = {
  kind: IdentityKind;
  value_folded: string;
  /** As its owner wrote it. */
  value: string;
  account_id: number;
};

/** What erased accounts were reached by: nobody gets it again. */
export type ErasedIdentitiesTable = {
  kind: IdentityKind;
  /** See identity-digest.ts. */
  digest: Buffer;
  account_id: number;
};

export type PasswordsTable = { account_id: number; hash: string; changed_at: Date };

export type AvatarsTable = {
  account_id: number;
  content_type: Avatar['contentType'];
  bytes: Buffer;
  /** See avatars.ts. */
  etag: string;
  created_at: Date;
};

/** How many accounts are not deleted: the sum of all rows. One alone means nothing, and may be negative. */
export type AccountTotalsTable = { shard: number; accounts: number };

/** A part of the list's order, from this key to that of the next row; the last one is open. */
export type AccountBlocksTable = {
  from_created_at: Date;
  from_id: number;
  /** How many accounts in it are not deleted; null in the open one. */
  count: Generated<number | null>;
};

export type SearchHistoryTable = {
  account_id: number;
  entry: string;
  /** The larger, the newer, within an account. */
  seq: number;
};

/** The tables of the schema `users`. */
export type UserTables = {
  accounts: AccountsTable;
  identities: IdentitiesTable;
  erased_identities: ErasedIdentitiesTable;
  passwords: PasswordsTable;
  avatars: AvatarsTable;
  account_totals: AccountTotalsTable;
  account_blocks: AccountBlocksTable;
  search_history: SearchHistoryTable;
  outbox: OutboxTable;
};
