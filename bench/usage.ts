import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A name for the figures, and the process whose figures they are, with all that it started. */
export type Watched = { name: string; pid: number };

/** By name. */
export type Figures = Record<string, number>;

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** What stands in /proc/PID/stat after the name, which may hold anything; empty where the process is gone. */
function statOf(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/** Fields by their place in proc(5), where `state` is the third. */
const field = (stat: readonly string[], place: number) => Number(stat[place - 3] ?? 0);

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => field(statOf(child), 4) === pid);
}

/** Each connection of Postgres is a child; other servers here have none. */
const family = (pid: number): number[] => [pid, ...childrenOf(pid)];

/** CPU seconds that a process, its children and those of them that have ended have used. */
export function cpuSeconds(pid: number): number {
  const ticks = family(pid).map((one) => {
    const stat = statOf(one);
    const own = field(stat, 14) + field(stat, 15);
    return one === pid ? own + field(stat, 16) + field(stat, 17) : own;
  });
  return ticks.reduce((sum, one) => sum + one, 0) / ticksPerSecond;
}

/** CPU seconds of this process, and of its children that have ended. */
export function ownCpuSeconds(): number {
  const stat = statOf(process.pid);
  return [14, 15, 16, 17].reduce((sum, place) => sum + field(stat, place), 0) / ticksPerSecond;
}

/** Mebibytes that a process and its children have in memory; what several share counts in parts (PSS). */
function pssMebibytes(pid: number): number {
  const kibibytes = family(pid).map((one) => {
    try {
      return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      return 0;
    }
  });
  return kibibytes.reduce((sum, one) => sum + one, 0) / 1024;
}

function byName(watched: readonly Watched[], figure: (pid: number) => number): Figures {
  const figures: Figures = {};
  for (const { name, pid } of watched) figures[name] = (figures[name] ?? 0) + figure(pid);
  return figures;
}

/** Replicas count together. */
export const cpuOf = (watched: readonly Watched[]): Figures => byName(watched, cpuSeconds);
export const memoryOf = (watched: readonly Watched[]): Figures => byName(watched, pssMebibytes);
