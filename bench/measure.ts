import { openConnection } from './connection.ts';
import { drive, type Load, standing } from './drive.ts';
import type { Driven, Pace } from './driven.ts';
import { type Spread, spreadOf } from './statistics.ts';
import { cpuOf, type Figures, memoryOf, ownCpuSeconds, type Watched } from './usage.ts';

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
  /** Requests per second of the flood beside, where there was one. */
  floodPerSecond?: Spread;
};

export type Pacing = { runs: number; seconds: number; warmUpSeconds: number; connections: number };

/** Each answer as it must be for its own request, which wrk does not look at. */
async function checkEach({ urls, load }: Side): Promise<void> {
  for (const url of urls) {
    const connection = openConnection(url);
    try {
      for (const exchange of standing(load)) await connection.insist(exchange);
    } finally {
      connection.close();
    }
  }
}

const textsOf = (load: Load): string[] =>
  standing(load).flatMap(({ expected }) => ('text' in expected ? [expected.text] : []));

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

export async function runOnce(side: Side, pace: Pace): Promise<Run> {
  const [before, ownBefore] = [cpuOf(side.watched), ownCpuSeconds()];
  const driven = await drive(side.name, side.load, pace);
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

/** Those of a flood count for CPU: nothing tells which of the two a process worked for. */
const answeredOf = ({ requests, seconds, floodPerSecond = 0 }: Driven) => requests + floodPerSecond * seconds;

function figuresOf(name: string, runs: readonly Run[]): SideFigures {
  const perSecond = runs.map(({ driven }) => driven.requests / driven.seconds);
  const perRequest = runs.map(({ cpuSeconds, driven }) =>
    merged([cpuSeconds], ([seconds = 0]) => (seconds / answeredOf(driven)) * 1e6),
  );
  const floods = runs.flatMap(({ driven }) => driven.floodPerSecond ?? []);
  return {
    name,
    ...(floods.length === 0 ? {} : { floodPerSecond: spreadOf(floods) }),
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
    await drive(side.name, side.load, { urls: side.urls, connections, seconds: warmUpSeconds });
  }
  const done = sides.map((side) => ({ side, runs: [] as Run[] }));
  for (let run = 0; run < runs; run += 1) {
    for (const one of done)
      one.runs.push(await runOnce(one.side, { urls: one.side.urls, connections, seconds }));
  }
  return done.map(({ side, runs }) => figuresOf(side.name, runs));
}
