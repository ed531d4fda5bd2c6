import { isInstalled } from '@vestibule/shared/test/server-process';
import { openConnection } from './connection.ts';
import type { Driven, Pace } from './driven.ts';
import { type Spread, spreadOf } from './statistics.ts';
import { driveSteps, type Steps } from './stepper.ts';
import { cpuOf, type Figures, memoryOf, ownCpuSeconds, type Watched } from './usage.ts';
import type { Load } from './workloads.ts';
import { driveByWrk } from './wrk.ts';

/** One of those that are compared, ready for a workload. */
export type Side = { name: string; urls: readonly string[]; watched: readonly Watched[]; load: Load };

/** One run of one side. */
export type Run = { driven: Driven; cpuSeconds: Figures; memoryMiB: Figures };

/** What the runs of a side came to. */
export type SideFigures = {
  name: string;
  /** Requests per second of each run, in their order. */
  perSecond: number[];
  requestsPerSecond: Spread;
  p50Ms: Spread;
  p99Ms: Spread;
  /** CPU microseconds for each request by process, the driver's too: medians of the runs. */
  cpuMicros: Figures;
  /** Mebibytes by process right after a run: the most of all runs. */
  memoryMiB: Figures;
};

export type Pacing = { runs: number; seconds: number; warmUpSeconds: number; connections: number };

const hasWrk = isInstalled('wrk');

/** What drives a load: wrk where the requests stand fast and it is installed, else this process. */
export const driverOf = (load: Load): string => ('exchanges' in load && hasWrk ? 'wrk' : 'node:http');

const inTurn =
  (exchanges: Extract<Load, { exchanges: unknown }>['exchanges']): Steps =>
  async (ask, round) => {
    const next = exchanges[round % exchanges.length];
    if (next) await ask(next);
  };

async function drive({ name, load }: Side, pace: Pace): Promise<Driven> {
  const byWrk = driverOf(load) === 'wrk';
  const driven =
    'exchanges' in load
      ? await (byWrk ? driveByWrk(load.exchanges, pace) : driveSteps(inTurn(load.exchanges), pace))
      : await driveSteps(load.steps, pace);
  if (driven.wrong > 0) {
    throw new Error(
      `${driven.wrong} of ${driven.requests} answers of ${name} are wrong: ${driven.firstWrong}`,
    );
  }
  return driven;
}

/** Each answer as it must be for its own request, which wrk does not look at. */
async function checkEach({ urls, load }: Side): Promise<void> {
  if (!('exchanges' in load)) return;
  for (const url of urls) {
    const connection = openConnection(url);
    try {
      for (const exchange of load.exchanges) await connection.insist(exchange);
    } finally {
      connection.close();
    }
  }
}

const textsOf = (load: Load): string[] =>
  'exchanges' in load
    ? load.exchanges.flatMap(({ expected }) => ('text' in expected ? [expected.text] : []))
    : [];

/** What stands fast is answered by all in the same letters; fails otherwise. */
export function insistOnSameAnswers(sides: readonly Side[]): void {
  const [first, ...others] = sides;
  if (first === undefined) return;
  const texts = textsOf(first.load);
  for (const { name, load } of others) {
    for (const [index, text] of textsOf(load).entries()) {
      if (text !== texts[index]) {
        throw new Error(`${name} does not answer as ${first.name}:\n${text}\n${texts[index]}`);
      }
    }
  }
}

const minus = (after: Figures, before: Figures): Figures =>
  Object.fromEntries(Object.entries(after).map(([name, figure]) => [name, figure - (before[name] ?? 0)]));

async function runOnce(side: Side, pace: Pace): Promise<Run> {
  const [before, ownBefore] = [cpuOf(side.watched), ownCpuSeconds()];
  const driven = await drive(side, pace);
  const cpuSeconds = { ...minus(cpuOf(side.watched), before), driver: ownCpuSeconds() - ownBefore };
  return { driven, cpuSeconds, memoryMiB: memoryOf(side.watched) };
}

/** For each name the figure of that name in all runs, made one. */
function merged(figures: readonly Figures[], merge: (values: number[]) => number): Figures {
  const [first = {}] = figures;
  return Object.fromEntries(
    Object.keys(first).map((name) => [name, merge(figures.map((one) => one[name] ?? 0))]),
  );
}

function figuresOf(name: string, runs: readonly Run[]): SideFigures {
  const perSecond = runs.map(({ driven }) => driven.requests / driven.seconds);
  const perRequest = runs.map(({ cpuSeconds, driven }) =>
    merged([cpuSeconds], ([seconds = 0]) => (seconds / driven.requests) * 1e6),
  );
  return {
    name,
    perSecond,
    requestsPerSecond: spreadOf(perSecond),
    p50Ms: spreadOf(runs.map(({ driven }) => driven.p50Ms)),
    p99Ms: spreadOf(runs.map(({ driven }) => driven.p99Ms)),
    cpuMicros: merged(perRequest, (values) => spreadOf(values).median),
    memoryMiB: merged(
      runs.map(({ memoryMiB }) => memoryMiB),
      (values) => Math.max(...values),
    ),
  };
}

/** Warms each side up, then runs one after the other in turn, so that all see the same moments of the machine. */
export async function measure(
  sides: readonly Side[],
  { runs, seconds, warmUpSeconds, connections }: Pacing,
): Promise<SideFigures[]> {
  for (const side of sides) {
    await checkEach(side);
    await drive(side, { urls: side.urls, connections, seconds: warmUpSeconds });
  }
  const done = sides.map((side) => ({ side, runs: [] as Run[] }));
  for (let run = 0; run < runs; run += 1) {
    for (const one of done)
      one.runs.push(await runOnce(one.side, { urls: one.side.urls, connections, seconds }));
  }
  return done.map(({ side, runs }) => figuresOf(side.name, runs));
}
