const createdAt = '2020-03-26 11:34:29';
const applicant = { id: 51923482, name: '张三' };

/** What the OpenAPI page shows of processes: their document shows no answers. */
export const exampleForm = { title: '空调不制冷', description: '开机后一直吹热风', location: '3号楼201' };
export const exampleTask = {
  id: 7,
  name: 'repair',
  status: 'open',
  candidate_role: 'repair',
  assignee: null,
  form_schema: { type: 'object', required: ['report'], properties: { report: { type: 'string' } } },
  due_at: null,
};
export const exampleInstance = {
  id: 4,
  process_name: 'repair_apply',
  version: 1,
  status: 'running',
  form: { ...exampleForm, urgency: 'normal' },
  applicant,
  created_at: createdAt,
  modified_at: createdAt,
  tasks: [exampleTask],
};
export const exampleHistory = [
  { number: 1, at: createdAt, action: 'started', actor: applicant, task: null, details: {} },
];
/** The smallest one that may be deployed. */
export const exampleDefinition = {
  name: 'lamp_check',
  title: '灯具检查',
  form: { type: 'object', properties: {} },
  start: { by: 'client' },
  first: 'look',
  steps: {
    look: {
      kind: 'task',
      title: '检查',
      form: { type: 'object', properties: {} },
      candidateRole: 'repair',
      next: [{ to: 'done' }],
    },
    done: { kind: 'end', title: '完成', outcome: 'done' },
  },
};
export const exampleDiagram = {
  mermaid: 'flowchart TD\n  start --> repair',
  svg: '<svg xmlns="http://www.w3.org/2000/svg">...</svg>',
};
