import {
  historyPageSize,
  InstanceStatus,
  processPageSize,
  TaskStatus,
} from '@vestibule/shared/contracts/process';
import { type TSchema, Type } from '@vestibule/shared/schema';
import { auditPageSize } from './export.ts';

const text = Type.String();
const integer = Type.Integer();
const object = Type.Object({}, { additionalProperties: true });
const orNull = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const Good = <S extends TSchema>(data: S) =>
  Type.Object({ code: Type.Literal(0), msg: Type.Literal('success'), data });
const List = <S extends TSchema>(item: S, perPage: number = processPageSize) =>
  Type.Object({
    total: integer,
    page: integer,
    per_page: Type.Literal(perPage),
    items: Type.Array(item, { maxItems: perPage }),
  });

const user = Type.Object({
  id: integer,
  name: text,
  phone: text,
  address: text,
  company: text,
  age: orNull(integer),
  email: text,
  role: text,
  wx_userinfo: object,
  created_at: text,
  modified_at: text,
});
const person = Type.Object({ id: integer, name: text });
const task = Type.Object({
  id: integer,
  name: text,
  status: TaskStatus,
  candidate_role: orNull(text),
  assignee: orNull(person),
  form_schema: object,
  due_at: orNull(text),
});
const instance = Type.Object({
  id: integer,
  process_name: text,
  version: integer,
  status: InstanceStatus,
  form: object,
  applicant: person,
  created_at: text,
  modified_at: text,
  tasks: Type.Array(task),
});
const historyEntry = Type.Object({
  number: integer,
  at: text,
  action: text,
  actor: orNull(person),
  task: orNull(Type.Object({ id: integer, name: text })),
  details: object,
});

export const User = Good(user);
export const SignedIn = Good(Type.Object({ token: text, user }));
export const Instance = Good(instance);
export const InstanceInFull = Good(
  Type.Object({ ...instance.properties, history: List(historyEntry, historyPageSize) }),
);
export const Instances = Good(List(instance));
export const Task = Good(task);
/** What a task's action answers: the task, or the instance that it moved on. */
export const TaskOrInstance = Type.Union([Task, Instance]);
export const Inbox = Good(
  List(
    Type.Object({
      ...task.properties,
      instance: Type.Pick(instance, ['id', 'process_name', 'version', 'form', 'applicant', 'created_at']),
    }),
  ),
);
export const Definitions = Good(
  List(
    Type.Object({
      name: text,
      title: text,
      version: integer,
      startable: Type.Boolean(),
      form_schema: object,
      tasks: Type.Array(Type.Object({ name: text, title: text, form_schema: object })),
      diagram: Type.String({ description: 'Mermaid' }),
    }),
  ),
);
export const Deployed = Good(Type.Object({ name: text, version: integer }));
export const Diagram = Good(Type.Object({ mermaid: text, svg: text }));
export const Audit = Good(
  List(
    Type.Object({
      number: integer,
      at: text,
      action: text,
      actor_id: orNull(integer),
      account_id: orNull(integer),
      address: orNull(text),
      request_id: text,
      details: object,
    }),
  ),
);
export const Export = Good(
  Type.Object({
    user: Type.Object({
      ...user.properties,
      status: text,
      nickname: text,
      first_name: text,
      last_name: text,
      position: text,
      qq: text,
      cardno: text,
      wxid: text,
    }),
    identities: Type.Array(Type.Object({ kind: text, value: text })),
    has_password: Type.Boolean(),
    avatar: orNull(Type.Object({ content_type: text, data: Type.String({ description: 'Base64' }) })),
    searches: Type.Array(text),
    sessions: Type.Array(Type.Object({ created_at: text, expires_at: text, ended_at: orNull(text) })),
    processes: List(
      Type.Object({ ...Type.Omit(instance, ['tasks']).properties, acts: Type.Array(historyEntry) }),
    ),
    audit: List(
      Type.Object({
        at: text,
        action: text,
        own: Type.Boolean({ description: 'done by the account itself' }),
        address: orNull(text),
        details: object,
      }),
      auditPageSize,
    ),
  }),
);
export const Refused = Type.Object({ code: integer, msg: text, data: Type.Object({}) });
