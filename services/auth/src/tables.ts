import type { OutboxTable } from '@vestibule/shared/outbox/tables';
import type { Generated } from 'kysely';

/** One row per session, kept until it would have expired. */
export type SessionsTable = {
  id: string;
  /** Null: a proved openid's alone, whether it has an account or not. */
  account_id: number | null;
  /** The proved openid that a WeChat code opened the session with. A secret of its user. */
  openid: string | null;
  /** That of the account, or of the openid's, when its credentials were read: dead once the account's is another. */
  session_epoch: number;
  created_at: Date;
  expires_at: Date;
  ended_at: Generated<Date | null>;
};

export type SigningKeysTable = {
  kid: string;
  /** The `x` of its JWK. */
  public_x: string;
  /** PKCS#8 in PEM, sealed; see secret-box.ts. Null once retired: nothing is signed with it again. */
  private_key: string | null;
  created_at: Date;
  retired_at: Generated<Date | null>;
  /** Null while in use; then until when tokens signed with it may be alive. */
  published_until: Generated<Date | null>;
};

/** The counters of wrong passwords while the store is away. */
export type GuessCountersTable = { key: string; count: number; window_ends: Date };

/** Which addresses an account was signed in from; both as keyed hashes. */
export type KnownAddressesTable = { subject: string; address: string; last_seen_at: Date };

/** What happened, one line for each event; only added to. */
export type AuditLogTable = {
  /** 1, 2, 3 without a gap. */
  number: number;
  at: Date;
  action: string;
  actor_id: number | null;
  account_id: number | null;
  address: string | null;
  request_id: string;
  details: unknown;
  event_id: string;
  /** Of this line and, through the one before, of all; see audit/audit-chain.ts. */
  hash: string;
};

/** What auth itself tells the audit log, in the statement that makes the change, until it is a line there. */
export type AuditNotesTable = { number: Generated<number>; event: unknown };

/** The number and hash of the last line, in one row; who adds a line locks it. */
export type AuditHeadTable = { number: number; hash: string };

/** What a part was last started with; a setting that was not set has no row. */
export type KnownSettingsTable = { part: string; name: string; value: string };

/** The tables of the schema `auth`. */
export type AuthTables = {
  sessions: SessionsTable;
  signing_keys: SigningKeysTable;
  guess_counters: GuessCountersTable;
  known_addresses: KnownAddressesTable;
  outbox: OutboxTable;
  audit_log: AuditLogTable;
  audit_head: AuditHeadTable;
  audit_notes: AuditNotesTable;
  known_settings: KnownSettingsTable;
};
