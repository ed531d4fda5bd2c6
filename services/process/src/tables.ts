import type { Role } from '@vestibule/shared/contracts/account';
import type { InstanceStatus, TaskStatus } from '@vestibule/shared/contracts/process';
import type { OutboxTable, SeenEventsTable } from '@vestibule/shared/outbox/tables';
import type { Generated } from 'kysely';
import type { AccountAction } from './definition.ts';

/** One row per version, for good: instances stay on theirs. */
export type DefinitionsTable = {
  name: string;
  version: number;
  /** A Definition. */
  body: unknown;
  /** SHA-256 of the body, in hex: a shipped definition is not deployed twice. */
  digest: string;
  /** Null: shipped. */
  deployed_by: number | null;
  deployed_at: Date;
};

export type InstancesTable = {
  id: Generated<number>;
  process_name: string;
  version: number;
  status: InstanceStatus;
  form: unknown;
  applicant_id: number;
  /** How it ended, as its end step says; null while it runs and when it was cancelled. */
  outcome: Generated<string | null>;
  /** Somebody other than its applicant has claimed a task once: its applicant cannot cancel it any more. */
  taken_up: Generated<boolean>;
  /** Number of its newest history entry. */
  history_length: Generated<number>;
  created_at: Date;
  modified_at: Date;
};

export type TasksTable = {
  id: Generated<number>;
  instance_id: number;
  /** The step of the definition. */
  step: string;
  status: TaskStatus;
  candidate_role: Role | null;
  assignee_id: number | null;
  due_at: Date | null;
  /** When to remind; null: never, or done. */
  remind_at: Date | null;
  /** Set once, when it was found to be overdue. */
  overdue_at: Generated<Date | null>;
  opened_at: Date;
  closed_at: Generated<Date | null>;
};

export type HistoryTable = {
  instance_id: number;
  number: number;
  at: Date;
  action: string;
  actor_id: number | null;
  task_id: number | null;
  details: unknown;
};

/** Who has or had a task of an instance, or is its applicant: they may see it. */
export type ParticipantsTable = { instance_id: number; account_id: number };

/** Actions on accounts that are to be done; a row is removed when it is. */
export type ActionsTable = {
  id: Generated<number>;
  instance_id: number;
  step: string;
  action: AccountAction;
  account_id: number;
  /** In whose name; null: the platform. */
  actor_id: number | null;
  attempts: Generated<number>;
  next_attempt_at: Date;
};

/** What a client's key was first used for, per account. */
export type IdempotencyKeysTable = {
  account_id: number;
  key: string;
  /** SHA-256 of what was asked for. */
  digest: string;
  instance_id: number;
  /** The Instance that the first was answered with; null until it was. */
  answer: Generated<unknown>;
  expires_at: Date;
};

/** Accounts that were erased and may have left words here; a row is removed when they have not. */
export type ErasuresTable = { account_id: number; next_look_at: Date };

/** The tables of the schema `process`. */
export type ProcessTables = {
  definitions: DefinitionsTable;
  instances: InstancesTable;
  tasks: TasksTable;
  history: HistoryTable;
  participants: ParticipantsTable;
  actions: ActionsTable;
  idempotency_keys: IdempotencyKeysTable;
  erasures: ErasuresTable;
  outbox: OutboxTable;
  seen_events: SeenEventsTable;
};
