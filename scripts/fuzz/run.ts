import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { namesOf, operationsOf, wireOf } from './operations.ts';
import { deadlineMs, type FuzzedPlatform, startFuzzedPlatform } from './platform.ts';
import { type Operation, type Request, requestOf } from './requests.ts';
import { faultOf, isGood } from './verdict.ts';
import { bytesOf, exchange, shellLine } from './wire.ts';

/** What is wrong with an answer, the line for a shell that asks again, and what the platform said of a fault. */
export type Failure = { fault: string; line: string; said: readonly string[]; seed: number };

/** A failure as its reader needs it. */
export const textOf = ({ fault, line, said, seed }: Failure): string =>
  ['', `${fault} (seed ${seed})`, line, ...said].join('\n');

/** What a run found. */
export type Report = {
  sent: number;
  failures: Failure[];
  /** How often each status was answered; 0: the connection was closed without an answer. */
  statuses: Record<string, number>;
  /** Operations that did at least once what they are for, and how many there are. */
  reached: number;
  operations: number;
  /** MiB in use after a collection: when it began to be warm, and at the end; `flat`: hardly more than that. */
  heap: { warm: number; end: number; flat: boolean };
  slowestMs: number;
  seconds: number;
};

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
function heapMiB(): number {
  collect();
  return Math.round(process.memoryUsage().heapUsed / 1_048_576);
}

/** Requests of a batch, after which people are made anew. */
const batchSize = 400;
/** Requests that are on their way together. */
const together = 8;
/** Batches after which all that is compiled once is compiled, and caches are filled. */
const warmBatches = 5;
/** MiB that may be in use at the end besides: bounded caches of tokens and copies that are not full when warm. */
const growthMiB = 64;

type Counts = Pick<Report, 'sent' | 'statuses' | 'slowestMs'> & { good: Set<Operation> };

/** Sends a batch. Of what fails the smallest request that was found to fail is answered, else null. */
async function tryBatch(
  { url, fixtures, faults }: FuzzedPlatform,
  operations: readonly Operation[],
  seed: number,
  counts: Counts,
): Promise<Failure | null> {
  const { host, port } = new URL(url);
  const names = namesOf(await fixtures(), host);
  let failed: Omit<Failure, 'seed' | 'said'> | null = null;

  async function tryOne(request: Request): Promise<boolean> {
    const wire = wireOf(request, names);
    const outcome = await exchange({
      port: Number(port),
      bytes: bytesOf(wire, host),
      patienceMs: deadlineMs,
    });
    const status = String(outcome.answer?.status ?? 0);
    counts.sent += 1;
    counts.statuses[status] = (counts.statuses[status] ?? 0) + 1;
    counts.slowestMs = Math.max(counts.slowestMs, outcome.ms);
    if (isGood(outcome)) counts.good.add(request.operation);
    const logged = faults.find((line) => line.includes(`"${outcome.answer?.headers['x-request-id']}"`));
    const fault = faultOf(request, outcome, deadlineMs) ?? (logged && 'an error was logged');
    if (fault !== undefined) failed = { fault, line: shellLine(wire, url) };
    return fault === undefined;
  }

  const requests = fc.array(fc.constantFrom(...operations).chain(requestOf), {
    minLength: 1,
    maxLength: together,
    size: 'max',
  });
  const property = fc.asyncProperty(requests, async (all) =>
    (await Promise.all(all.map(tryOne))).every(Boolean),
  );
  await fc.check(property, { seed, numRuns: Math.ceil((2 * batchSize) / together) });
  const said = faults.splice(0).slice(-1);
  return failed === null ? null : { ...Object(failed), said, seed };
}

/** Sends so many hostile requests to a platform of its own; the same seed makes the same requests. */
export async function fuzz({
  seed,
  requests,
  say = () => {},
}: {
  seed: number;
  requests: number;
  say?: (line: string) => void;
}): Promise<Report> {
  const platform = await startFuzzedPlatform();
  const begun = performance.now();
  const counts: Counts = { sent: 0, statuses: {}, slowestMs: 0, good: new Set() };
  const failures: Failure[] = [];
  const heap = { warm: 0, end: 0 };
  try {
    const operations = operationsOf(platform.openapi());
    for (let batch = 0; counts.sent < requests; batch += 1) {
      const failure = await tryBatch(platform, operations, seed + batch, counts);
      if (failure !== null) {
        failures.push(failure);
        say(textOf(failure));
      }
      if (batch === warmBatches) heap.warm = heapMiB();
      if (batch % 25 === 24) say(`${counts.sent} sent, ${failures.length} failed, ${heapMiB()} MiB`);
    }
    heap.end = heapMiB();
    // A run that is too short to be warm says nothing of it.
    const flat = heap.warm === 0 || heap.end - heap.warm <= growthMiB;
    const { good, ...counted } = counts;
    const seconds = (performance.now() - begun) / 1000;
    return {
      ...counted,
      failures,
      reached: good.size,
      operations: operations.length,
      heap: { ...heap, flat },
      seconds,
    };
  } finally {
    await platform.close();
  }
}
