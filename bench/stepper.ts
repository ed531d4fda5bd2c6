import { type Connection, openConnection } from './connection.ts';
import type { Driven, Pace } from './driven.ts';
import type { Exchange } from './request.ts';
import { percentileOfSorted } from './statistics.ts';

/** Sends a request and answers its body; what is not as expected ends the round. */
export type Ask = (exchange: Exchange) => Promise<string>;

/** What a connection does over and over, each request after the answer that it needs. `round`: 0, 1, 2 over all. */
export type Steps = (ask: Ask, round: number) => Promise<void>;

/** Lets each connection do the steps, in this process: its CPU is the driver's. */
export async function driveSteps(steps: Steps, { urls, connections, seconds }: Pace): Promise<Driven> {
  const milliseconds: number[] = [];
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let round = 0;
  let wrong = 0;
  let firstWrong = '';

  const askOn = ({ insist }: Connection): Ask => {
    return async (exchange) => {
      const sent = performance.now();
      try {
        return await insist(exchange);
      } finally {
        milliseconds.push(performance.now() - sent);
      }
    };
  };

  await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      const connection = openConnection(urls[index % urls.length] ?? '');
      const ask = askOn(connection);
      while (performance.now() < end) {
        try {
          await steps(ask, round++);
        } catch (error) {
          wrong += 1;
          firstWrong ||= error instanceof Error ? error.message : String(error);
        }
      }
      connection.close();
    }),
  );
  const sorted = Float64Array.from(milliseconds).sort();
  return {
    requests: milliseconds.length,
    seconds: (performance.now() - begin) / 1000,
    wrong,
    firstWrong,
    p50Ms: percentileOfSorted(sorted, 0.5),
    p99Ms: percentileOfSorted(sorted, 0.99),
  };
}
