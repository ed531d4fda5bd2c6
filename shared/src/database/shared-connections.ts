import { Client, type ClientConfig } from 'pg';
import type { Logger } from '../logger.ts';
import type { Answer, Statement } from './lent-connection.ts';
import { ask, isLost } from './postgres-statements.ts';
import type { StatementNames } from './statement-names.ts';

/** Statements that wait on one connection at most. */
const mostAtOnce = 128;
/** A connection on which nothing was answered for so long is at something slow: nobody else gets behind that. */
const slowMs = 25;

type Shared = {
  connecting: Promise<Client>;
  /** Once it is open. */
  client: Client | undefined;
  asked: number;
  /** When it last answered, or began to be asked. */
  movedAt: number;
};

/** Connections that many ask at once, without waiting for each other's answers; for what only reads. */
export type SharedConnections = {
  /** Null when all of them are full, or at something slow. */
  read(statement: Statement): Promise<Answer> | null;
  /** How many are open. */
  count(): number;
  /** Takes nothing more, and closes them when all is answered. */
  close(): Promise<void>;
};

/**
 * Each is opened when it is first asked, and anew when it broke. All that was under way on one that breaks fails, and
 * is not asked again.
 */
export function sharedConnections({
  most,
  config,
  names,
  logger,
}: {
  most: number;
  config: ClientConfig;
  names: StatementNames;
  logger: Logger;
}): SharedConnections {
  const open = new Set<Shared>();
  let closed = false;

  function connect(): Shared {
    const client = new Client({ ...config, pipeline: true });
    const shared: Shared = {
      connecting: client.connect().then(() => client),
      client: undefined,
      asked: 0,
      movedAt: performance.now(),
    };
    // Without a listener, its end would end the process; those who wait on it are told by themselves.
    client.on('error', (error) => {
      drop(shared, client);
      logger.warn({ err: error }, 'a shared connection to Postgres broke');
    });
    client.on('end', () => open.delete(shared));
    shared.connecting.then(
      () => {
        shared.client = client;
      },
      () => drop(shared, client),
    );
    open.add(shared);
    return shared;
  }

  function drop(shared: Shared, client: Client): void {
    open.delete(shared);
    client.end().catch(() => {});
  }

  /** The one with the least to do that still moves, or a new one as long as there may be more. */
  function choose(): Shared | undefined {
    const now = performance.now();
    let best: Shared | undefined;
    for (const shared of open) {
      if (shared.asked >= mostAtOnce) continue;
      if (shared.asked > 0 && shared.client !== undefined && now - shared.movedAt > slowMs) continue;
      if (best === undefined || shared.asked < best.asked) best = shared;
    }
    if ((best === undefined || best.asked > 0) && open.size < most) best = connect();
    if (best?.asked === 0) best.movedAt = now;
    return best;
  }

  async function askShared(shared: Shared, statement: Statement): Promise<Answer> {
    shared.asked += 1;
    const client = shared.client ?? (await shared.connecting);
    try {
      return await ask(client, statement, names);
    } catch (error) {
      // It may end a moment later only: nobody else should be on it then.
      if (isLost(error)) drop(shared, client);
      throw error;
    } finally {
      shared.asked -= 1;
      shared.movedAt = performance.now();
    }
  }

  return {
    read(statement) {
      const shared = closed ? undefined : choose();
      return shared === undefined ? null : askShared(shared, statement);
    },
    count: () => open.size,
    async close() {
      closed = true;
      // Nobody waits for the server's farewell, which a frozen one does not give.
      for (const { client, connecting } of open) {
        (client ? client.end() : connecting.then((late) => late.end())).catch(() => {});
      }
    },
  };
}
