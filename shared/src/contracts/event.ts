import { RequestId } from '../call-context.ts';
import { type Static, type TSchema, Type } from '../schema.ts';
import { AccountId, AccountStatus, Role } from './account.ts';
import { ProcessName } from './process.ts';
import { Part, SettingChange } from './settings.ts';

const Id = Type.Integer({ minimum: 1 });
const OfAccount = { accountId: AccountId };
const OfInstance = { instanceId: Id, processName: ProcessName, applicantId: AccountId };
const OfTask = { ...OfInstance, taskId: Id, step: Type.String() };

/**
 * All that services tell each other, and the audit log, after it happened: the kind, and what its `data` holds. Never
 * a secret, a login, a phone, or text that somebody wrote, but what operators write as settings and may be told.
 */
export const eventData = {
  'account.created': Type.Object({ ...OfAccount, role: Role, status: AccountStatus }),
  'account.status-changed': Type.Object({ ...OfAccount, from: AccountStatus, to: AccountStatus }),
  'account.role-changed': Type.Object({ ...OfAccount, from: Role, to: Role }),
  'account.password-changed': Type.Object(OfAccount),
  /** `fields`: which ones were written. */
  'account.profile-changed': Type.Object({ ...OfAccount, fields: Type.Array(Type.String()) }),
  /** Nothing is left of what a deleted account said of its owner; others forget what they have of it. */
  'account.erased': Type.Object(OfAccount),
  /** `way`: by what the session was opened: `password`, `wechat`, `openid`, `registration`. */
  'session.opened': Type.Object({ ...OfAccount, way: Type.String() }),
  'session.ended': Type.Object(OfAccount),
  'process.started': Type.Object({ ...OfInstance, version: Id }),
  'process.completed': Type.Object({ ...OfInstance, outcome: Type.String() }),
  'process.cancelled': Type.Object(OfInstance),
  'task.opened': Type.Object({ ...OfTask, candidateRole: Type.Union([Role, Type.Null()]) }),
  'task.claimed': Type.Object(OfTask),
  'task.released': Type.Object(OfTask),
  'task.completed': Type.Object(OfTask),
  'task.cancelled': Type.Object(OfTask),
  'task.assigned': Type.Object({ ...OfTask, assigneeId: AccountId }),
  'task.commented': Type.Object(OfTask),
  'task.due-soon': Type.Object({ ...OfTask, dueAt: Type.String() }),
  'task.overdue': Type.Object({ ...OfTask, dueAt: Type.String() }),
  'definition.deployed': Type.Object({ processName: ProcessName, version: Id }),
  /** A part started with other settings than the last time; at the first time with all that are set. */
  'setting.changed': Type.Object({ part: Part, changes: Type.Array(SettingChange) }),
} as const satisfies Record<string, TSchema>;

/** Kinds that auth writes into the audit log itself and that are published nowhere: many, and of use to nobody else. */
export const notedKinds: readonly string[] = ['session.opened'] satisfies (keyof typeof eventData)[];

/** One of the kinds; also the end of the subject that it is published on. */
export type EventKind = keyof typeof eventData;
export const eventKinds = Object.keys(eventData) as readonly EventKind[];
export type EventData<K extends EventKind> = Static<(typeof eventData)[K]>;

/** What is told with each event, whatever its kind. */
export const EventEnvelope = Type.Object({
  /** A UUID, its own for ever: who gets an event twice knows it by this. */
  id: Type.String({ pattern: '^[0-9a-f-]{36}$' }),
  kind: Type.Union(eventKinds.map((kind) => Type.Literal(kind))),
  /** Events of one key are delivered in the order in which they happened: `account:57`, `instance:12`. */
  key: Type.String({ minLength: 1, maxLength: 64 }),
  /** ISO 8601, UTC. */
  at: Type.String(),
  requestId: RequestId,
  /** Who did it; null: the platform itself, or somebody without an account. */
  actorId: Type.Union([AccountId, Type.Null()]),
  /** The client's address, IPv6 cut to /64; null: the platform itself. */
  address: Type.Union([Type.String({ maxLength: 64 }), Type.Null()]),
});

/** An event of one of the kinds, with the data of that kind. */
export type DomainEvent<K extends EventKind = EventKind> = {
  [Kind in K]: Omit<Static<typeof EventEnvelope>, 'kind'> & { kind: Kind; data: EventData<Kind> };
}[K];
