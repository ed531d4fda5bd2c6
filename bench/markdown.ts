import type { Minute } from './soak.ts';
import { ratios } from './statistics.ts';
import { cpuLine, type Measured, memoryLine, spread } from './text.ts';

/** All that is known of a measurement. */
export type Report = {
  /** What stood on the command line after `npm run bench --`. */
  command: string;
  /** Day, commit, machine and Node.js, in words. */
  conditions: string;
  measured: Measured[];
  minutes: Minute[];
};

const row = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly string[]) => [
  row(...head),
  row(...head.map(() => '---')),
  ...rows,
];

function rowsOf({ title, accounts, connections, sides }: Measured): string[] {
  const [first] = sides;
  return sides.map(
    ({ name, perSecond, requestsPerSecond, p50Ms, p99Ms, cpuMicros, memoryMiB, floodPerSecond }) => {
      const flood = floodPerSecond === undefined ? '' : `; beside ${spread(floodPerSecond)} logins/s`;
      const what = name === first?.name ? `${title}; ${accounts} accounts, ${connections} connections` : '';
      if (requestsPerSecond.most === 0) {
        return row(what, name, 'none was answered within a run', '', '', '', '', memoryLine(memoryMiB));
      }
      const alone = name === first?.name || floodPerSecond !== undefined;
      const ratio = alone ? '' : spread(ratios(first?.perSecond ?? [], perSecond));
      return row(
        what,
        name,
        `${spread(requestsPerSecond)}${flood}`,
        ratio,
        spread(p50Ms),
        spread(p99Ms),
        cpuLine(cpuMicros),
        memoryLine(memoryMiB),
      );
    },
  );
}

/** The figures as tables for people. */
export function markdown({ command, conditions, measured, minutes }: Report): string {
  const lines = [`\`npm run bench -- ${command}\``, '', conditions, ''];
  if (measured.length > 0) {
    const head = [
      'workload',
      'who',
      'requests/s',
      'platform to it',
      'p50 ms',
      'p99 ms',
      'CPU µs/request',
      'memory MiB',
    ];
    lines.push(...table(head, measured.flatMap(rowsOf)), '');
  }
  if (minutes.length > 0) {
    const rows = minutes.map(({ minute, perSecond, p99Ms, memoryMiB }) =>
      row(String(minute), perSecond.toFixed(0), p99Ms.toFixed(0), memoryLine(memoryMiB)),
    );
    lines.push(...table(['minute', 'requests/s', 'p99 ms', 'memory MiB'], rows), '');
  }
  return lines.join('\n');
}

/**
 * Puts figures in the place of those that stand between `<!-- figures: NAME -->` and `<!-- end -->`. Throws an Error where
 * a text has no such place.
 */
export function withFigures(text: string, name: string, figures: string): string {
  const begin = `<!-- figures: ${name} -->\n`;
  const from = text.indexOf(begin);
  const to = text.indexOf('<!-- end -->', from);
  if (from < 0 || to < 0) throw new Error(`there is no place for the figures: ${name}`);
  return `${text.slice(0, from + begin.length)}\n${figures}\n${text.slice(to)}`;
}
