import type { WechatUser } from '@vestibule/shared/contracts/account';
import type { AuditEntry } from '@vestibule/shared/contracts/auth';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import type {
  DefinitionView,
  HistoryEntry,
  InboxTask,
  Instance,
  Task,
} from '@vestibule/shared/contracts/process';

/** Every good answer of the document. */
export const good = <D extends object>(data: D) => ({ code: 0, msg: 'success', data });

/** A page of a list. */
export const list = <I>(page: number, perPage: number, total: number, items: readonly I[]) => ({
  total,
  page,
  per_page: perPage,
  items,
});

/** A definition, which has no times. */
export const definition = ({
  name,
  title,
  version,
  startable,
  formSchema,
  tasks,
  diagram,
}: DefinitionView) => ({
  name,
  title,
  version,
  startable,
  form_schema: formSchema,
  tasks: tasks.map((task) => ({ name: task.name, title: task.title, form_schema: task.formSchema })),
  diagram,
});

const snakeCase = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Writes what services answer as the document does; `time` writes times as all documents do. */
export function createViews(time: (iso: string) => string) {
  const user = ({ account: { id, role, profile, createdAt, modifiedAt }, wxUserinfo }: WechatUser) => ({
    id,
    name: profile.name,
    phone: profile.phone,
    address: profile.address,
    company: profile.company,
    age: profile.age,
    email: profile.email,
    role,
    wx_userinfo: wxUserinfo ?? {},
    created_at: time(createdAt),
    modified_at: time(modifiedAt),
  });

  /** What happened, in detail: what stands in a form that somebody sent is not ours to write differently. */
  const detailsOf = (details: JsonObject) =>
    Object.fromEntries(
      Object.entries(details).map(([name, value]) => [
        snakeCase(name),
        name === 'dueAt' && typeof value === 'string' ? time(value) : value,
      ]),
    );

  const task = ({ id, name, status, candidateRole, assignee, formSchema, dueAt }: Task) => ({
    id,
    name,
    status,
    candidate_role: candidateRole,
    assignee,
    form_schema: formSchema,
    due_at: dueAt === null ? null : time(dueAt),
  });

  const head = ({ id, processName, version, status, form, applicant, ...at }: Omit<Instance, 'tasks'>) => ({
    id,
    process_name: processName,
    version,
    status,
    form,
    applicant,
    created_at: time(at.createdAt),
    modified_at: time(at.modifiedAt),
  });

  return {
    user,
    task,
    detailsOf,
    /** An instance without its tasks. */
    head,
    instance: (instance: Instance) => ({ ...head(instance), tasks: instance.tasks.map(task) }),
    inboxTask: ({ instance, ...own }: InboxTask) => ({
      ...task(own),
      instance: {
        id: instance.id,
        process_name: instance.processName,
        version: instance.version,
        form: instance.form,
        applicant: instance.applicant,
        created_at: time(instance.createdAt),
      },
    }),
    history: ({ number, at, action, actor, task, details }: HistoryEntry) => ({
      number,
      at: time(at),
      action,
      actor,
      task,
      details: detailsOf(details),
    }),
    auditEntry: ({ number, at, action, actorId, accountId, address, requestId, details }: AuditEntry) => ({
      number,
      at: time(at),
      action,
      actor_id: actorId,
      account_id: accountId,
      address,
      request_id: requestId,
      details: detailsOf(details),
    }),
  };
}
export type Views = ReturnType<typeof createViews>;
