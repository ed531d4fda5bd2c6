import t from 'tap';
import { measureWorkload, openContenders, sidesOf } from '../comparison.ts';
import { measure, type Side } from '../measure.ts';
import { readOptions } from '../options.ts';
import { type WorkloadName, workloads } from '../workloads.ts';

const accounts = 1000;
const short = { runs: 1, seconds: 1, warmUpSeconds: 1, connections: 2 };
const isWorkload = (name: string): name is WorkloadName => Object.hasOwn(workloads, name);

/** The same requests, each of which is to be answered by something else. */
function spoilt(side: Side): Side {
  const { load } = side;
  if (!('exchanges' in load)) throw new Error('a load whose requests stand fast');
  const exchanges = load.exchanges.map((one) => ({ ...one, expected: { text: 'what nobody says' } }));
  return { ...side, load: { exchanges } };
}

t.test('every workload is answered as it must be, by the platform and by the yardstick', async (t) => {
  const options = readOptions([]);
  if (options === null) throw new Error('no help was asked for');
  await using opened = new AsyncDisposableStack();
  const contenders = await openContenders(options, accounts, opened);
  t.strictSame(
    contenders.map(({ name }) => name),
    ['platform', 'yardstick'],
  );
  for (const name of Object.keys(workloads).filter(isWorkload)) {
    const figures = await measureWorkload(name, contenders, short);
    const who = figures?.sides.map((side) => side.name);
    t.strictSame(who, workloads[name].yardstick ? ['platform', 'yardstick'] : ['platform'], name);
    for (const side of figures?.sides ?? []) {
      t.ok(side.requestsPerSecond.median > 0, `${name}: ${side.name} answers`);
      t.ok(Object.keys(side.cpuMicros).length >= 4, `${name}: CPU of ${Object.keys(side.cpuMicros).join()}`);
    }
  }
  const [read] = await sidesOf('read', contenders);
  if (read === undefined) throw new Error('somebody is read');
  await t.rejects(measure([spoilt(read)], short), { message: /instead of 200 what nobody says/ });
  for (const { faults, name } of contenders) t.strictSame(faults(), [], `${name} logged no fault`);
});
