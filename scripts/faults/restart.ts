import { setTimeout as delay } from 'node:timers/promises';
import { faultsOf, pacedLoad, withinMs } from '../../test/harness/paced-load.ts';
import { docker, isHealthy, until } from './docker.ts';
import type { Experiment } from './experiment.ts';
import { parts } from './stack.ts';

const requests = 50_000;
const perSecond = 200;
const endsWithinMs = 10_000;

type Stopped = { part: string; ms: number; exitCode: string };

/** Stops a container as an operator does, starts it again, and resolves when it is healthy. */
async function restart(part: string, container: string): Promise<Stopped> {
  const asked = performance.now();
  await docker('stop', container);
  const ms = performance.now() - asked;
  const exitCode = await docker('inspect', '--format', '{{.State.ExitCode}}', container);
  await docker('start', container);
  await until(`${part} is healthy again`, () => isHealthy(container), { patienceMs: 120_000 });
  return { part, ms, exitCode };
}

/** Every container of the parts, one after the other, under requests. */
export const restartAll: Experiment = async ({ stack, people, report }) => {
  const enough = new AbortController();
  const mix = people.mix(['read', 37], ['login', 1], ['rename', 4], ['captcha', 2], ['inbox', 6]);
  const load = pacedLoad(mix, { perSecond, signal: enough.signal });
  const begin = performance.now();

  const stopped: Stopped[] = [];
  try {
    for (const part of parts) {
      for (const container of await stack.containersOf(part)) stopped.push(await restart(part, container));
    }
    const tookMs = performance.now() - begin;
    await delay(Math.max(0, (requests / perSecond) * 1000 - tookMs) + 1000);
  } finally {
    enough.abort();
  }

  const asked = await load;
  const failed = asked.filter(({ outcome }) => outcome !== 'good');
  const slowest = stopped.reduce((slowest, one) => (one.ms > slowest.ms ? one : slowest));
  const logins = asked.filter(({ name }) => name === 'login').length;
  report.say(
    `restart: ${asked.length} requests (${logins} logins) in ${Math.round((performance.now() - begin) / 1000)} s, ` +
      `${failed.length} failed, 99 % within ${Math.round(withinMs(asked, 0.99))} ms, ` +
      `slowest ${Math.round(withinMs(asked, 1))} ms; ${stopped.length} containers, ` +
      `the slowest end ${slowest.part}'s after ${(slowest.ms / 1000).toFixed(1)} s`,
  );
  if (failed.length > 0) {
    report.say(`  not good: ${faultsOf(asked)}`);
    for (const { name, atMs, outcome } of failed.slice(0, 20)) {
      report.say(`  ${((atMs - begin) / 1000).toFixed(1)} s: ${name} ${outcome}`);
    }
  }
  report.check(`${requests} requests were made`, asked.length >= requests);
  report.check('no request failed while every container was restarted', failed.length === 0);
  report.check(
    'each container ended within 10 s, with exit code 0',
    stopped.every(({ ms, exitCode }) => ms < endsWithinMs && exitCode === '0'),
  );
};
