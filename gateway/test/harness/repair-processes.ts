import { inboxTask, instance, person, shownTask, task } from './repair.ts';

const history = {
  total: 51,
  entries: [
    {
      number: 51,
      at: '2020-03-26T03:34:35.000Z',
      action: 'claimed',
      actor: person,
      task: { id: 7, name: 'repair' },
      details: { assigneeId: 51_923_482, dueAt: '2020-03-27T03:34:29.000Z', form: { dueAt: 'soon' } },
    },
  ],
};
const definition = {
  name: 'repair_apply',
  title: '报修申请',
  version: 2,
  formSchema: { type: 'object' },
  startable: true,
  tasks: [{ name: 'repair', title: '维修', formSchema: task.formSchema }],
  diagram: 'flowchart TD',
};
export const shownDefinition = {
  name: 'repair_apply',
  title: '报修申请',
  version: 2,
  startable: true,
  form_schema: { type: 'object' },
  tasks: [{ name: 'repair', title: '维修', form_schema: shownTask.form_schema }],
  diagram: 'flowchart TD',
};
export const diagram = { mermaid: 'flowchart TD', svg: '<svg xmlns="http://www.w3.org/2000/svg"/>' };

/** A process service that lets everything through. */
export const processServices = {
  process: {
    definitions: async () => ({ definitions: Array.from({ length: 16 }, () => definition) }),
    deploy: async () => ({ name: 'lamp_check', version: 3 }),
    start: async () => instance,
    list: async () => ({ total: 31, instances: [instance] }),
    get: async () => ({ instance, history }),
    cancel: async () => ({ ...instance, status: 'cancelled' as const }),
    inbox: async () => ({ total: 16, tasks: [inboxTask] }),
    claim: async () => task,
    release: async () => task,
    complete: async () => instance,
    assign: async () => task,
    comment: async () => task,
    diagram: async () => diagram,
  },
};
