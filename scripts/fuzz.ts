// Hostile requests to every operation of a platform of its own: `npm run fuzz -- --requests 100000 --seed 7`. Without a
// seed it takes one at random, and says it; ends with 1 when anything is wrong.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz/run.ts';

const { values } = parseArgs({ options: { seed: { type: 'string' }, requests: { type: 'string' } } });
const seed = Number(values.seed ?? randomInt(2 ** 31));
const requests = Number(values.requests ?? 10_000);
console.log(`seed ${seed}, ${requests} requests`);
const report = await fuzz({ seed, requests, say: (line) => console.log(line) });
const { sent, failures, statuses, heap, slowestMs, seconds, reached, operations } = report;
const counted = Object.entries(statuses).map(([status, count]) => `${status}: ${count}`);
console.log(`\n${counted.join(', ')}; ${reached} of ${operations} operations did what they are for`);
console.log(
  `${sent} requests in ${seconds.toFixed(0)} s, the slowest ${slowestMs.toFixed(0)} ms; heap ${heap.warm} MiB warm, ${heap.end} MiB at the end; ${failures.length} failures`,
);
if (!heap.flat) console.log('its memory grows');
process.exit(failures.length === 0 && heap.flat ? 0 : 1);
