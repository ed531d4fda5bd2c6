import { setTimeout as delay } from 'node:timers/promises';
import { faultsOf, goodPart, pacedLoad, withinMs } from '../../test/harness/paced-load.ts';
import { docker } from './docker.ts';
import { deadlineMs, type Experiment } from './experiment.ts';
import { percent } from './report.ts';

const perSecond = 200;
const pausedForMs = 12_000;
/** From here on what hangs must have been noticed. */
const noticedMs = 5000;

/** One of two replicas of each service hangs, under requests. */
export const pauseOne: Experiment = async ({ stack, people, report }) => {
  const mix = people.mix(['read', 14], ['login', 1], ['rename', 2], ['captcha', 1], ['inbox', 2]);
  for (const part of ['auth', 'user', 'verification', 'process'] as const) {
    const [container = ''] = await stack.containersOf(part);
    const enough = new AbortController();
    const load = pacedLoad(mix, { perSecond, signal: enough.signal });
    await docker('pause', container);
    const begin = performance.now();
    await delay(pausedForMs);
    enough.abort();
    // Those under way end while it still hangs.
    const asked = await load;
    await docker('unpause', container);

    const late = asked.filter(({ atMs }) => atMs > begin + noticedMs);
    report.say(
      `paused: one of two of ${part}: ${percent(goodPart(late))} of ${late.length} good from the fifth second on, ` +
        `${percent(goodPart(asked))} of all ${asked.length}; 99 % within ${Math.round(withinMs(asked, 0.99))} ms, ` +
        `slowest ${Math.round(withinMs(asked, 1))} ms; not good: ${faultsOf(asked)}`,
    );
    report.check(`${part}: at least 99.5 % good from the fifth second on`, goodPart(late) >= 0.995);
    report.check(`${part}: each answer within its deadline`, withinMs(asked, 1) < deadlineMs);
    await delay(2000);
  }
};
