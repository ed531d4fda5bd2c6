import type { SideFigures } from './measure.ts';
import { ratios, type Spread } from './statistics.ts';
import type { Figures } from './usage.ts';

/** What one workload came to, at one size of the database. */
export type Measured = {
  workload: string;
  title: string;
  accounts: number;
  connections: number;
  driver: string;
  seconds: number;
  sides: SideFigures[];
};

const whole = (figure: number) => String(Math.round(figure));
/** Three digits of what is small. */
const short = (figure: number) => (figure >= 100 ? whole(figure) : figure.toPrecision(3));

export const spread = ({ median, least, most }: Spread, write: (figure: number) => string = short): string =>
  `${write(median)} [${write(least)}–${write(most)}]`;

const sum = (figures: Figures) => Object.values(figures).reduce((total, one) => total + one, 0);

/** CPU by process, the idle ones left out; the driver, which is none of it, stands apart. */
export function cpuLine({ driver = 0, ...own }: Figures): string {
  const parts = Object.entries(own).filter(([, micros]) => micros >= 0.5);
  const each = parts.map(([name, micros]) => `${name} ${whole(micros)}`).join(', ');
  return `${whole(sum(own))} (${each}; driver ${whole(driver)})`;
}

const servers = ['postgres', 'nats', 'redis'];

/** Memory by process, and of our own processes together. */
export function memoryLine(memoryMiB: Figures): string {
  const ours = Object.fromEntries(Object.entries(memoryMiB).filter(([name]) => !servers.includes(name)));
  const each = Object.entries(memoryMiB).map(([name, mebibytes]) => `${name} ${whole(mebibytes)}`);
  return `${whole(sum(ours))} (${each.join(', ')})`;
}

/** The lines that a person reads while it runs. */
export function lines({ title, accounts, connections, driver, sides }: Measured): string[] {
  const [first, ...others] = sides;
  const flood = (perSecond: Spread | undefined) =>
    perSecond === undefined ? '' : `; beside ${spread(perSecond)} logins/s`;
  const shown = sides.flatMap(
    ({ name, requestsPerSecond, p50Ms, p99Ms, cpuMicros, memoryMiB, floodPerSecond }) => [
      `  ${name.padEnd(12)} ${spread(requestsPerSecond)} requests/s, p50 ${spread(p50Ms)} ms, p99 ${spread(p99Ms)} ms${flood(floodPerSecond)}`,
      `  ${''.padEnd(12)} CPU µs/request ${cpuLine(cpuMicros)}`,
      `  ${''.padEnd(12)} memory MiB ${memoryLine(memoryMiB)}`,
    ],
  );
  // What is paced comes as often from everybody.
  const comparable = others.filter(({ floodPerSecond }) => floodPerSecond === undefined);
  const compared = comparable.map(
    (other) => `  ${first?.name} / ${other.name}: ${spread(ratios(first?.perSecond ?? [], other.perSecond))}`,
  );
  return [`${title}; ${accounts} accounts, ${connections} connections, ${driver}`, ...shown, ...compared];
}
