import { setTimeout as delay } from 'node:timers/promises';
import { faultsOf, goodPart, pacedLoad, withinMs } from '../../test/harness/paced-load.ts';
import type { Experiment } from './experiment.ts';
import type { People } from './people.ts';
import { percent } from './report.ts';

const times = 10;
const readsPerSecond = 100;
const measuredForMs = 5000;
const floodedForMs = 20_000;

/** Each login comes from an address of its own. */
function loginFromAnywhere({ login }: People): () => Promise<string> {
  let turn = 0;
  return () => {
    turn += 1;
    return login(`10.${turn >> 16}.${(turn >> 8) & 255}.${turn & 255}`);
  };
}

/** Logins that are answered in a second when there are always some that wait. */
async function loginsPerSecond(login: () => Promise<string>): Promise<number> {
  const end = performance.now() + measuredForMs;
  let good = 0;
  const clients = Array.from({ length: 16 }, async () => {
    while (performance.now() < end) if ((await login()) === 'good') good += 1;
  });
  await Promise.all(clients);
  return good / (measuredForMs / 1000);
}

/** Ten times as many logins as can be hashed, while others read. */
export const floodLogins: Experiment = async ({ people, report }) => {
  const login = loginFromAnywhere(people);
  const capacity = await loginsPerSecond(login);
  const perSecond = Math.round(capacity * times);
  const enough = new AbortController();
  const { signal } = enough;
  const flood = pacedLoad([{ name: 'login', ask: login }], { perSecond, signal });
  const reading = pacedLoad(people.mix(['read', 1]), { perSecond: readsPerSecond, signal });
  await delay(floodedForMs);
  enough.abort();
  const [logins, reads] = await Promise.all([flood, reading]);

  const hashed = logins.filter(({ outcome }) => outcome === 'good').length;
  const refused = logins.filter(({ outcome }) => outcome === '503');
  report.say(
    `flood: ${Math.round(capacity)} logins/s are hashed, ${perSecond}/s were asked for: ${hashed} of ${logins.length} good, ` +
      `${refused.length} refused with 503, 99 % of these within ${Math.round(withinMs(refused, 0.99))} ms`,
  );
  report.say(
    `  reads beside them, ${readsPerSecond}/s: ${percent(goodPart(reads))} of ${reads.length} good, ` +
      `half within ${Math.round(withinMs(reads, 0.5))} ms, 99 % within ${Math.round(withinMs(reads, 0.99))} ms, ` +
      `slowest ${Math.round(withinMs(reads, 1))} ms; not good: ${faultsOf(reads)}`,
  );
  const others = logins.filter(({ outcome }) => outcome !== 'good' && outcome !== '503');
  if (others.length > 0) report.say(`  logins: ${faultsOf(others)}`);
  report.check('signed-in reads are at least 99.9 % good', goodPart(reads) >= 0.999);
  report.check('each login is answered 200 or 503', others.length === 0);
  report.check('logins go on being hashed', hashed >= capacity * (floodedForMs / 1000) * 0.25);
};
