import { type Static, Type } from '../schema.ts';
import { AccountId, Role, storableCharacters } from './account.ts';
import { contract } from './contract.ts';
import { JsonObject } from './json.ts';

/** How a process is named, in its definition and by who starts it. */
export const ProcessName = Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' });
/** Of instances and of tasks: 1, 2, 3 in the order in which they were made. */
const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
/** ISO 8601, UTC. */
const Time = Type.String();
const orNull = <S extends Parameters<typeof Type.Union>[0][number]>(schema: S) =>
  Type.Union([schema, Type.Null()]);
const Nothing = Type.Object({});
const ById = Type.Object({ id: Id });

export const InstanceStatus = Type.Union([
  Type.Literal('running'),
  Type.Literal('completed'),
  Type.Literal('cancelled'),
]);
export type InstanceStatus = Static<typeof InstanceStatus>;

export const TaskStatus = Type.Union([
  Type.Literal('open'),
  Type.Literal('claimed'),
  Type.Literal('completed'),
  Type.Literal('cancelled'),
]);
export type TaskStatus = Static<typeof TaskStatus>;

/** An account as others see it beside its work: `name` is its name, nickname or first and last name, or `""`. */
export const Person = Type.Object({ id: AccountId, name: Type.String() });
export type Person = Static<typeof Person>;

export const Task = Type.Object({
  id: Id,
  /** The step of the definition that it is of. */
  name: Type.String(),
  status: TaskStatus,
  /** Who may claim it; null: nobody, it was given to its assignee. */
  candidateRole: orNull(Role),
  assignee: orNull(Person),
  /** JSON Schema of the form that completes it. */
  formSchema: JsonObject,
  dueAt: orNull(Time),
});
export type Task = Static<typeof Task>;

export const Instance = Type.Object({
  id: Id,
  processName: ProcessName,
  /** Of the definition that it was started with, and stays on. */
  version: Type.Integer({ minimum: 1 }),
  status: InstanceStatus,
  form: JsonObject,
  applicant: Person,
  createdAt: Time,
  modifiedAt: Time,
  /** In the order in which they were opened; of very many the newest. */
  tasks: Type.Array(Task),
});
export type Instance = Static<typeof Instance>;

/** One thing that happened to an instance. */
export const HistoryEntry = Type.Object({
  /** 1, 2, 3 within the instance. */
  number: Id,
  at: Time,
  /** `started`, `claimed`, `completed`, `commented`, … */
  action: Type.String(),
  /** Null: the platform itself. */
  actor: orNull(Person),
  /** The task that it was done to, by id and by step; null where it was the instance. */
  task: orNull(Type.Object({ id: Id, name: Type.String() })),
  /** The form that completed a task, the text of a comment, and the like. */
  details: JsonObject,
});
export type HistoryEntry = Static<typeof HistoryEntry>;

/** A task as an inbox shows it: with what is asked for, for who must decide whether to claim it. */
export const InboxTask = Type.Object({
  ...Task.properties,
  instance: Type.Pick(Instance, ['id', 'processName', 'version', 'form', 'applicant', 'createdAt']),
});
export type InboxTask = Static<typeof InboxTask>;

/** A definition as those who may use it see it. */
export const DefinitionView = Type.Object({
  name: ProcessName,
  title: Type.String(),
  version: Type.Integer({ minimum: 1 }),
  /** JSON Schema of the form that starts it. */
  formSchema: JsonObject,
  /** Whether a client may start it; else the platform alone does. */
  startable: Type.Boolean(),
  tasks: Type.Array(Type.Object({ name: Type.String(), title: Type.String(), formSchema: JsonObject })),
  /** Mermaid text of a flowchart. */
  diagram: Type.String(),
});
export type DefinitionView = Static<typeof DefinitionView>;

const Page = Type.Integer({ minimum: 1, maximum: 1_000_000 });
const Total = Type.Integer({ minimum: 0 });
/** As many as fit into one message of the bus. */
const perPage = 15;
/** Chosen by a client, per account. */
const IdempotencyKey = Type.String({ pattern: '^[!-~]{1,128}$' });
const Comment = Type.String({ pattern: storableCharacters(1, 2000) });

/** Items on a page of every list of the process service. */
export const processPageSize = perPage;
/** Entries on a page of an instance's history. */
export const historyPageSize = 50;

/**
 * What the process service answers. It owns definitions, instances, tasks and their history. Who asks is the
 * caller of the call's context; what they may see and do is decided here. A form that breaks its schema fails with
 * `input-invalid`, whose `field` names it like `form.title`.
 */
export const processContracts = {
  definitions: contract({
    subject: 'process.definitions',
    summary: 'The newest version of each definition, by name.',
    request: Nothing,
    reply: Type.Object({ definitions: Type.Array(DefinitionView) }),
    errors: [],
    idempotent: true,
  }),
  deploy: contract({
    subject: 'process.deploy',
    summary: 'Checks a definition and makes it the newest version of its name; admins alone.',
    request: Type.Object({ definition: JsonObject }),
    reply: Type.Object({ name: ProcessName, version: Type.Integer({ minimum: 1 }) }),
    errors: ['not-allowed', 'definition-invalid'],
    idempotent: false,
  }),
  start: contract({
    subject: 'process.start',
    summary:
      'Starts the newest version of a process for the caller; the same key and body within a day answer the first again.',
    request: Type.Object({
      processName: ProcessName,
      form: JsonObject,
      idempotencyKey: Type.Optional(IdempotencyKey),
    }),
    reply: Instance,
    errors: ['not-allowed', 'process-unknown', 'process-running', 'input-invalid', 'idempotency-conflict'],
    idempotent: false,
  }),
  requestClosing: contract({
    subject: 'process.request-closing',
    summary: 'Asks for the deletion of the own account (注销), which an admin decides.',
    request: Type.Object({ reason: Type.Optional(Type.String({ pattern: storableCharacters(0, 500) })) }),
    reply: Instance,
    errors: ['not-allowed', 'process-running', 'input-invalid'],
    idempotent: false,
  }),
  list: contract({
    subject: 'process.list',
    summary: "A page of instances, newest first: the caller's own, an admin's all.",
    request: Type.Object({
      processName: Type.Optional(ProcessName),
      status: Type.Optional(InstanceStatus),
      page: Page,
    }),
    reply: Type.Object({ total: Total, instances: Type.Array(Instance, { maxItems: perPage }) }),
    errors: ['not-allowed'],
    idempotent: true,
  }),
  get: contract({
    subject: 'process.get',
    summary:
      'An instance and a page of its history, for its applicant, who has or had a task of it, and admins.',
    request: Type.Object({ id: Id, historyPage: Page }),
    /** A page of the history in the order in which it happened; 1 is the newest page. */
    reply: Type.Object({
      instance: Instance,
      history: Type.Object({
        total: Total,
        entries: Type.Array(HistoryEntry, { maxItems: historyPageSize }),
      }),
    }),
    errors: ['not-allowed', 'instance-unknown'],
    idempotent: true,
  }),
  cancel: contract({
    subject: 'process.cancel',
    summary: 'Cancels an instance: its applicant until the first claim, an admin always.',
    request: ById,
    reply: Instance,
    errors: ['not-allowed', 'instance-unknown', 'instance-claimed', 'instance-finished'],
    idempotent: false,
  }),
  inbox: contract({
    subject: 'process.inbox',
    summary:
      'A page of what the caller has claimed, then of what their role may claim; the earliest due first.',
    request: Type.Object({ page: Page }),
    reply: Type.Object({ total: Total, tasks: Type.Array(InboxTask, { maxItems: perPage }) }),
    errors: ['not-allowed'],
    idempotent: true,
  }),
  claim: contract({
    subject: 'process.claim',
    summary: 'Takes an open task that the caller has the role for; of any number who try, one gets it.',
    request: ById,
    reply: Task,
    errors: ['not-allowed', 'task-unknown', 'task-taken', 'task-finished'],
    idempotent: true,
  }),
  release: contract({
    subject: 'process.release',
    summary: 'Gives a task that the caller has claimed back to those who may claim it.',
    request: ById,
    reply: Task,
    errors: ['not-allowed', 'task-unknown', 'task-finished'],
    idempotent: false,
  }),
  complete: contract({
    subject: 'process.complete',
    summary: 'Completes a task that the caller has claimed with its form, and moves the instance on.',
    request: Type.Object({ id: Id, form: JsonObject }),
    reply: Instance,
    errors: ['not-allowed', 'task-unknown', 'task-finished', 'input-invalid'],
    idempotent: false,
  }),
  assign: contract({
    subject: 'process.assign',
    summary: 'Gives an unfinished task to an active account that may do it; admins alone.',
    request: Type.Object({ id: Id, assignee: AccountId }),
    reply: Task,
    errors: ['not-allowed', 'task-unknown', 'task-finished', 'account-unknown', 'input-invalid'],
    idempotent: true,
  }),
  comment: contract({
    subject: 'process.comment',
    summary: 'Adds a comment on a task to the history, of whoever may see the instance.',
    request: Type.Object({ id: Id, text: Comment }),
    reply: Task,
    errors: ['not-allowed', 'task-unknown', 'input-invalid'],
    idempotent: false,
  }),
  diagram: contract({
    subject: 'process.diagram',
    summary: 'The picture of a definition, or of an instance with the steps that it is at.',
    request: Type.Union([
      Type.Object({ processName: ProcessName, version: Type.Optional(Type.Integer({ minimum: 1 })) }),
      Type.Object({ instanceId: Id }),
    ]),
    reply: Type.Object({ mermaid: Type.String(), svg: Type.String() }),
    errors: ['not-allowed', 'process-unknown', 'instance-unknown'],
    idempotent: true,
  }),
  export: contract({
    subject: 'process.export',
    summary:
      "A page of all that is kept about the caller's part in processes: instances, forms and own acts.",
    request: Type.Object({ page: Page }),
    reply: Type.Object({
      total: Total,
      instances: Type.Array(
        Type.Object({
          /** The form of somebody else's instance is left out: `{}`. */
          instance: Type.Omit(Instance, ['tasks']),
          /** What the caller did to it, or wrote about it; of very much the newest. */
          acts: Type.Array(HistoryEntry, { maxItems: historyPageSize }),
        }),
        { maxItems: perPage },
      ),
    }),
    errors: ['not-allowed'],
    idempotent: true,
  }),
} as const;
