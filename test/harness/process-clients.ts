import { natsBus } from '@vestibule/shared/bus/nats-bus';
import type { Role } from '@vestibule/shared/contracts/account';
import { createLogger } from '@vestibule/shared/logger';
import pg from 'pg';
import type { Test } from 'tap';
import { outcomeOf, type Somebody, somebody } from '../../services/process/test/process-service.ts';
import { type Platform, startPlatform } from './platform.ts';

/** Replicas of the process service on real servers, two unless told otherwise, who asks them over the broker, and their tables. */
export type ProcessPlatform = {
  platform: Platform;
  /** Somebody of an id of the test's own, who waits so long for an answer. */
  as(accountId: number, role: Role, patienceMs?: number): Somebody;
  query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]>;
};

/** Closed with the test. */
export async function startProcessPlatform(t: Test, { replicas = 2 } = {}): Promise<ProcessPlatform> {
  const platform = await startPlatform(t, {
    replicas: { auth: 0, verification: 0, gateway: 0, user: 1, process: replicas },
  });
  const clock = Date.now;
  const logger = createLogger({ level: 'silent', name: 'test' });
  // Nobody is asked twice here: what is counted is what was asked.
  const secondTryMs = 600_000;
  const { url } = platform.nats;
  const bus = await natsBus({ url, namespace: 'vestibule', name: 'test', clock, logger, secondTryMs });
  const pool = new pg.Pool({ connectionString: platform.postgres.url, max: 2 });
  t.teardown(async () => {
    await bus.close();
    await pool.end();
  });
  return {
    platform,
    as: (accountId, role, patienceMs) =>
      somebody({ bus, clock }, { accountId, role, status: 'active' }, patienceMs),
    async query<Row extends pg.QueryResultRow>(sql: string) {
      return (await pool.query<Row>(sql)).rows;
    },
  };
}

const passing = new Set(['unavailable', 'deadline-passed', 'database-unavailable']);

/** Asks again and again while the service is away; answers how it ended. */
export async function persist(ask: () => Promise<unknown>): Promise<string> {
  for (;;) {
    const outcome = await outcomeOf(ask());
    if (!passing.has(outcome)) return outcome;
  }
}

/** What a persistent client gets in the end. */
export async function persistently<T>(ask: () => Promise<T>): Promise<T> {
  const got: T[] = [];
  const outcome = await persist(async () => got.push(await ask()));
  const [answer] = got;
  if (answer === undefined) throw new Error(`the answer was ${outcome}`);
  return answer;
}

/** Does all of it, `atOnce` at a time, in its order. */
export async function inParallel<Item, Result>(
  atOnce: number,
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const hands = Array.from({ length: atOnce }, async () => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item, index);
    }
  });
  await Promise.all(hands);
  return results;
}
