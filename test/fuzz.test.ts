import t from 'tap';
import { fuzz, textOf } from '../scripts/fuzz/run.ts';

t.test(
  'hostile requests to every operation are answered in time, in its own words, and show nothing',
  async (t) => {
    const report = await fuzz({ seed: 20261121, requests: 4000 });
    for (const failure of report.failures) t.fail(textOf(failure));
    t.ok(report.sent >= 4000);
    t.equal(report.operations, 48);
    t.ok(report.reached >= 24, `${report.reached} operations did what they are for`);
    const { heap, slowestMs, seconds } = report;
    t.ok(heap.flat, 'memory is flat');
    t.comment(
      `heap ${heap.warm} MiB warm, ${heap.end} MiB at the end; slowest ${slowestMs.toFixed(0)} ms; ${seconds.toFixed(0)} s`,
    );
  },
);
