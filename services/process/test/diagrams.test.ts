import { processContracts } from '@vestibule/shared/contracts/process';
import { testParts } from '@vestibule/shared/test/parts';
import t, { type Test } from 'tap';
import { startUserService } from '../../user/test/user-service.ts';
import { changed, example } from './definition-example.ts';
import { newestTask, outcomeOf, person, type Somebody, startProcessService } from './process-service.ts';

const { deploy, definitions, diagram } = processContracts;

async function open(t: Test) {
  const parts = await testParts(t);
  await startUserService(t, parts);
  await startProcessService(t, parts);
  const [admin, applicant, worker, stranger] = [
    await person(parts, { role: 'admin' }),
    await person(parts),
    await person(parts, { role: 'repair' }),
    await person(parts, { role: 'repair' }),
  ];
  return { admin, applicant, worker, stranger };
}

/** The steps that stand out in the diagram of an instance. */
async function activeSteps(who: Somebody, instanceId: number): Promise<string | undefined> {
  const { mermaid, svg } = await who.call(diagram, { instanceId });
  t.equal(svg.includes('active'), mermaid.includes('active'));
  return /class (\S+) active/.exec(mermaid)?.[1];
}

t.test('the diagram of an instance shows where it is, to those who may see it', async (t) => {
  const { admin, applicant, worker, stranger } = await open(t);
  const { id } = await applicant.start();
  t.equal(await activeSteps(applicant, id), 'step_repair');
  t.equal(await activeSteps(admin, id), 'step_repair');
  t.equal(await outcomeOf(activeSteps(worker, id)), 'not-allowed');
  const task = newestTask((await applicant.get(id)).instance);
  await worker.claim(task);
  t.equal(await activeSteps(worker, id), 'step_repair');
  await worker.complete(task, { report: 'Mended' });
  t.equal(await activeSteps(worker, id), 'step_confirm');
  await applicant.complete(newestTask((await applicant.get(id)).instance), { result: 'accepted' });
  t.equal(await activeSteps(applicant, id), undefined);
  t.equal(await outcomeOf(activeSteps(stranger, id)), 'not-allowed');
  t.equal(await outcomeOf(activeSteps(admin, id + 1000)), 'instance-unknown');
});

t.test(
  'the diagram of a definition is that of its newest version, or of one that is asked for',
  async (t) => {
    const { admin, applicant } = await open(t);
    const titled = (title: string) => changed(example(), 'title', title);
    await admin.call(deploy, { definition: titled('first') });
    await admin.call(deploy, { definition: titled('second') });
    const shown = async (version?: number) => {
      const asked = { processName: 'leave', ...(version === undefined ? {} : { version }) };
      const { mermaid, svg } = await applicant.call(diagram, asked);
      return [mermaid, svg].map((text) => /first|second/.exec(text)?.[0]);
    };
    t.strictSame(await shown(), ['second', 'second']);
    t.strictSame(await shown(1), ['first', 'first']);
    t.equal(await outcomeOf(shown(3)), 'process-unknown');
    t.equal(await outcomeOf(applicant.call(diagram, { processName: 'nothing' })), 'process-unknown');
  },
);

t.test('what a definition is refused for crosses the bus', async (t) => {
  const { admin, applicant } = await open(t);
  const definition = changed(example(), 'steps.check.candidateRole', 'boss');
  await t.rejects(admin.call(deploy, { definition }), {
    code: 'definition-invalid',
    details: { field: 'steps.check.candidateRole', rule: 'unknown-role' },
  });
  t.equal(await outcomeOf(applicant.call(deploy, { definition: example() })), 'not-allowed');
  const { definitions: shown } = await applicant.call(definitions, {});
  t.strictSame(
    shown.map(({ name }) => name),
    ['account_closure', 'account_review', 'repair_apply'],
  );
});
