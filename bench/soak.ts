import { sidesOf } from './comparison.ts';
import type { Contender } from './contender.ts';
import { runOnce } from './measure.ts';
import { memoryLine } from './text.ts';
import type { Figures } from './usage.ts';
import { workloads } from './workloads.ts';

/** What a minute of the mix came to. */
export type Minute = { minute: number; perSecond: number; p99Ms: number; memoryMiB: Figures };

/** Drives the mix on one platform for so many minutes, and tells at the end of each what memory its processes have. */
export async function soak(
  contender: Contender,
  minutes: number,
  connections = workloads.mix.connections,
): Promise<Minute[]> {
  const [side] = await sidesOf('mix', [contender]);
  if (side === undefined) return [];
  const told: Minute[] = [];
  for (let minute = 1; minute <= minutes; minute += 1) {
    const { driven, memoryMiB } = await runOnce(side, { urls: side.urls, connections, seconds: 60 });
    const perSecond = driven.requests / driven.seconds;
    told.push({ minute, perSecond, p99Ms: driven.p99Ms, memoryMiB });
    const speed = `${perSecond.toFixed(0)} requests/s, p99 ${driven.p99Ms.toFixed(0)} ms`;
    console.log(`minute ${minute}: ${speed}, memory MiB ${memoryLine(memoryMiB)}`);
  }
  return told;
}
