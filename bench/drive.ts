import { isInstalled } from '@vestibule/shared/test/server-process';
import { goodPart, pacedLoad, withinMs } from '../test/harness/paced-load.ts';
import { openConnection } from './connection.ts';
import type { Driven, Pace } from './driven.ts';
import type { Exchange } from './request.ts';
import { driveSteps, type Steps } from './stepper.ts';
import { driveByWrk } from './wrk.ts';

/**
 * Requests that are sent in turn and check themselves; what a connection does step by step; or requests that come so
 * many in a second, whatever becomes of them, while others take all that there is.
 */
export type Load =
  | { exchanges: Exchange[] }
  | { steps: Steps }
  | { paced: Exchange[]; perSecond: number; flood: Exchange[] };

const hasWrk = isInstalled('wrk');

/** What drives a load: wrk where the requests stand fast and it is installed, else this process. */
export function driverOf(load: Load): string {
  if ('steps' in load) return 'node:http';
  const driver = hasWrk ? 'wrk' : 'node:http';
  return 'paced' in load ? `node:http, the flood ${driver}` : driver;
}

const inTurn =
  (exchanges: readonly Exchange[]): Steps =>
  async (ask, round) => {
    const next = exchanges[round % exchanges.length];
    if (next) await ask(next);
  };

const driveInTurn = (exchanges: readonly Exchange[], pace: Pace): Promise<Driven> =>
  hasWrk ? driveByWrk(exchanges, pace) : driveSteps(inTurn(exchanges), pace);

async function drivePaced(
  { paced, perSecond, flood }: Extract<Load, { paced: unknown }>,
  pace: Pace,
): Promise<Driven> {
  const connection = openConnection(pace.urls[0] ?? '', 64);
  const over = new AbortController();
  const asks = paced.map((exchange) => ({
    name: exchange.request.path,
    async ask() {
      await connection.insist(exchange);
      return 'good';
    },
  }));
  const flooded = driveInTurn(flood, pace).finally(() => over.abort());
  const [beside, asked] = await Promise.all([flooded, pacedLoad(asks, { perSecond, signal: over.signal })]);
  connection.close();
  const wrong = Math.round((1 - goodPart(asked)) * asked.length);
  return {
    requests: asked.length,
    seconds: beside.seconds,
    wrong: wrong + beside.wrong,
    firstWrong: asked.find(({ outcome }) => outcome !== 'good')?.outcome ?? beside.firstWrong,
    p50Ms: withinMs(asked, 0.5),
    p99Ms: withinMs(asked, 0.99),
    floodPerSecond: beside.requests / beside.seconds,
  };
}

/** Drives a load; fails when an answer is wrong, or none came. `who` answers, for the words of that failure. */
export async function drive(who: string, load: Load, pace: Pace): Promise<Driven> {
  const driven = await ('exchanges' in load
    ? driveInTurn(load.exchanges, pace)
    : 'steps' in load
      ? driveSteps(load.steps, pace)
      : drivePaced(load, pace));
  const { wrong, requests, firstWrong } = driven;
  if (wrong > 0) throw new Error(`${wrong} of ${requests} answers of ${who} are wrong: ${firstWrong}`);
  return driven;
}

/** What a load sends that stands fast. */
export function standing(load: Load): readonly Exchange[] {
  if ('exchanges' in load) return load.exchanges;
  return 'paced' in load ? [...load.paced, ...load.flood] : [];
}
