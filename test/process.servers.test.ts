import t from 'tap';
import { leak, newestTask, times } from '../services/process/test/process-service.ts';
import { inParallel, persist, persistently, startProcessPlatform } from './harness/process-clients.ts';

t.setTimeout(600_000);

t.test('two replicas of the process service', { timeout: 500_000 }, async (t) => {
  const { as, query } = await startProcessPlatform(t);
  const workers = times(50, (index) => as(30_000_000 + index, 'repair'));

  t.test('in 1,000 races of 50 workers for one task one gets it', async (t) => {
    const applicant = as(20_000_000, 'normal');
    const tasks = await inParallel(20, times(1000, String), async (title) =>
      newestTask(await persistently(() => applicant.start({ ...leak, title }, 'repair_apply', title))),
    );
    const begun = performance.now();
    const races = await inParallel(4, tasks, async (task) => {
      const answers = await Promise.all(workers.map((worker) => persist(() => worker.claim(task))));
      const won = answers.filter((answer) => answer === 'ok').length;
      return `${won} won, ${answers.filter((answer) => answer === 'task-taken').length} came too late`;
    });
    const seconds = (performance.now() - begun) / 1000;
    t.comment(`${Math.round(50_000 / seconds)} claims/s`);
    t.strictSame(new Set(races), new Set(['1 won, 49 came too late']));
    const claims = await query<{ claims: string; instances: string }>(`
      select claims, count(*) as instances from (
        select count(*) filter (where action = 'claimed') as claims
        from process.history group by instance_id) as each
      group by claims`);
    t.strictSame(claims, [{ claims: '1', instances: '1000' }]);
  });

  t.test('10,000 creates with repeated keys make each instance once', async (t) => {
    const applicants = times(50, (index) => as(21_000_000 + index, 'normal'));
    const creates = times(10_000, (index) => ({
      account: index % 50,
      key: `key-${Math.floor(index / 200)}`,
    }));
    const begun = performance.now();
    const answers = await inParallel(100, creates, async ({ account, key }) => {
      const instance = await persistently(async () =>
        applicants[account]?.start({ ...leak, title: key }, 'repair_apply', key),
      );
      return `${account} ${key} ${instance?.id}`;
    });
    const seconds = (performance.now() - begun) / 1000;
    t.comment(`${Math.round(10_000 / seconds)} creates/s, of which a quarter are new`);
    t.equal(new Set(answers).size, 2500, 'each key answers one id');
    const made = await query<{ instances: string; ids: string }>(`
      select count(*) as instances, count(distinct (applicant_id, form ->> 'title')) as ids
      from process.instances where applicant_id >= 21000000`);
    t.strictSame(made, [{ instances: '2500', ids: '2500' }]);
  });

  t.test('400 repairs at the same time all come to their end', async (t) => {
    const begun = performance.now();
    const ends = await inParallel(40, times(400, Number), async (index) => {
      const applicant = as(22_000_000 + index, 'normal');
      const [worker = applicant] = workers.slice(index % 50);
      const started = await applicant.start();
      const repair = newestTask(started);
      await worker.claim(repair);
      const reported = await worker.complete(repair, { report: 'Done' });
      return (await applicant.complete(newestTask(reported), { result: 'accepted' })).status;
    });
    const seconds = (performance.now() - begun) / 1000;
    t.comment(`${Math.round(1600 / seconds)} changes/s, each with its history and events`);
    t.strictSame(new Set(ends), new Set(['completed']));
  });
});
