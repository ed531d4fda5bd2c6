// Brings the compose stack up, two of each part with the development profile, and does to it what happens to a
// platform in its life: restarts, replicas and servers that hang, die or are cut off, a flood of logins. Prints
// figures, and whether they are within the bounds. Needs Docker and Linux.
// usage: npm run faults -- [restart] [paused] [servers] [flood]. Ends with `N passed, N failed`.
import { isHealthy, until } from './docker.ts';
import type { Experiment } from './experiment.ts';
import { floodLogins } from './flood.ts';
import { type Gateways, openGateways } from './gateways.ts';
import { pauseOne } from './paused.ts';
import { openPeople } from './people.ts';
import { openReport } from './report.ts';
import { restartAll } from './restart.ts';
import { loseServers } from './servers.ts';
import { createStack, parts, replicas } from './stack.ts';

const experiments: Record<string, Experiment> = {
  restart: restartAll,
  paused: pauseOne,
  servers: loseServers,
  flood: floodLogins,
};

const given = process.argv.slice(2);
const unknown = given.filter((name) => !(name in experiments));
if (unknown.length > 0) {
  console.error(`there is no ${unknown.join(', ')}; there are ${Object.keys(experiments).join(', ')}`);
  process.exit(2);
}
const chosen = Object.entries(experiments).filter(([name]) => given.length === 0 || given.includes(name));
const seconds = () => Math.round(performance.now() / 1000);
const report = openReport();

const stack = createStack();
const { containersOf, ports } = stack;

async function allHealthy(gateways: Gateways): Promise<void> {
  for (const part of parts) {
    for (const container of await containersOf(part)) {
      await until(`${part} is healthy`, () => isHealthy(container), { patienceMs: 60_000 });
    }
  }
  await gateways.untilReady(replicas);
}

async function run(): Promise<void> {
  await stack.up();
  report.say(`the stack is up (${seconds()} s)`);
  const gateways = openGateways(ports);
  await gateways.untilReady(replicas);
  const people = openPeople(gateways);
  await people.settle(20);
  for (const [name, experiment] of chosen) {
    report.say(`== ${name} (${seconds()} s)`);
    try {
      await allHealthy(gateways);
      await experiment({ stack, people, report });
    } catch (error) {
      report.check(`${name} ends: ${error}`, false);
    }
  }
  gateways.close();
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stack.down().finally(() => process.exit(1)));
}
try {
  await run();
} catch (error) {
  report.say(await stack.lastWords().catch(String));
  report.check(`the stack comes up: ${error}`, false);
}
await stack.down().catch((error: unknown) => report.check(`the stack goes down: ${error}`, false));
report.say(`took ${seconds()} s\n${report.passed} passed, ${report.failed} failed`);
process.exit(report.failed === 0 ? 0 : 1);
