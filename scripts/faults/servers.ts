import { setTimeout as delay } from 'node:timers/promises';
import { type Ask, type Asked, faultsOf, pacedLoad, withinMs } from '../../test/harness/paced-load.ts';
import { deadlineMs, type Experiment, type Given } from './experiment.ts';
import { openLedger } from './ledger.ts';
import { type Case, cases } from './server-cases.ts';

const perSecond = 30;
const beforeMs = 2000;
const awayMs = 7000;
const afterMs = 5000;
const backWithinMs = 2000;
/** Without Redis, for what takes a password: contract, Guessing. */
const passwordMs = 300;

/** What was asked while a server was lost, and when; in milliseconds of `performance.now()`. */
type Suffered = { asked: Asked[]; begunAt: number; awayAt: number; backAt: number };

/** Loses the server for some seconds under requests of all kinds, among them writes that are told apart. */
async function suffer({ people, stack }: Given, one: Case, writes: readonly Ask[]): Promise<Suffered> {
  const { begin, end } = await one.fault(stack, one.server);
  const reads = people.mix(['read', 4], ['login', 2], ['rename', 1], ['captcha', 1], ['sms', 1]);
  const enough = new AbortController();
  const load = pacedLoad([...reads, ...writes, ...writes], { perSecond, signal: enough.signal });
  try {
    await delay(beforeMs);
    const begunAt = performance.now();
    await begin();
    const awayAt = performance.now();
    await delay(awayMs);
    await end();
    const backAt = performance.now();
    await delay(afterMs);
    enough.abort();
    return { asked: await load, begunAt, awayAt, backAt };
  } finally {
    enough.abort();
  }
}

const isBad = ({ outcome }: Asked) => outcome !== 'good';

/** What was answered otherwise than the fault allows; a line for each kind of it. */
function wrongs({ asked, begunAt, awayAt, backAt }: Suffered, { goesOn, refused }: Case): string[] {
  const bad = asked.filter(isBad);
  const stopped = bad.filter(({ name, atMs }) => goesOn.includes(name) && atMs < backAt);
  const odd = bad.filter(({ outcome }) => outcome !== '503');
  const early = bad.filter(({ atMs, ms }) => atMs + ms < begunAt);
  // What a paused server answers once it goes on is no fault.
  const unhurt = asked.filter((one) => {
    const meanwhile = one.atMs > awayAt && one.atMs + one.ms < awayAt + awayMs;
    return meanwhile && refused.includes(one.name) && !isBad(one);
  });
  return [
    ...(stopped.length > 0 ? [`had to go on: ${faultsOf(stopped)}`] : []),
    ...(odd.length > 0 ? [`neither good nor 503: ${faultsOf(odd)}`] : []),
    ...(early.length > 0 ? [`before it began: ${faultsOf(early)}`] : []),
    ...(unhurt.length > 0 ? [`good, and had to be refused: ${unhurt.length} ${unhurt[0]?.name}`] : []),
  ];
}

async function lose(given: Given, one: Case, mark: string): Promise<void> {
  const { people, report } = given;
  const admin = await people.register('Admin', '0');
  const ledger = openLedger(people, mark, await people.register('Applicant'));
  const suffered = await suffer(given, one, ledger.asks);
  const { acknowledged, lost, doubled } = await ledger.settle(admin);

  const { asked, awayAt, backAt } = suffered;
  const bad = asked.filter(isBad);
  const late = bad.filter(({ atMs }) => atMs >= backAt);
  const backMs = Math.max(0, ...late.map(({ atMs }) => atMs - backAt));
  const passwords = asked.filter(({ name, atMs }) => {
    return (name === 'login' || name === 'register') && atMs > awayAt && atMs < backAt;
  });
  const what = `${one.server} ${one.name}`;
  const slowest = Math.round(withinMs(asked, 1));
  const slow = asked.find(({ ms }) => Math.round(ms) === slowest)?.name;
  report.say(
    `servers: ${what}: ${asked.length} requests, ${bad.length} refused, slowest ${slowest} ms (${slow}); ` +
      `all good ${(backMs / 1000).toFixed(2)} s after the return; ` +
      `of ${acknowledged} acknowledged writes ${lost} lost, ${doubled} doubled`,
  );
  const wrong = wrongs(suffered, one);
  for (const line of wrong) report.say(`  ${line}`);
  report.check(`${what}: what must go on does, the rest is answered 503`, wrong.length === 0);
  report.check(`${what}: each answer within its deadline`, slowest < deadlineMs);
  report.check(`${what}: all is good within 2 s of the return`, backMs < backWithinMs);
  report.check(`${what}: no acknowledged write is lost, none is doubled`, lost + doubled === 0);
  if (one.server !== 'redis') return;
  const slowestPassword = Math.round(withinMs(passwords, 1));
  report.check(
    `${what}: passwords are answered within 300 ms (${slowestPassword} ms)`,
    slowestPassword <= passwordMs,
  );
}

/** NATS, Postgres and Redis each killed, paused, and cut off from one service. */
export const loseServers: Experiment = async (given) => {
  for (const [index, one] of cases.entries()) await lose(given, one, `F${process.pid}x${index}`);
};
