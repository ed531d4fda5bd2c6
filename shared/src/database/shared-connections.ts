import { Client, type ClientConfig } from 'pg';
import type { Logger } from '../logger.ts';
import type { Answer, Statement } from './lent-connection.ts';
import { ask, isLost } from './postgres-statements.ts';
import type { StatementNames } from './statement-names.ts';

/** Statements that wait on one connection at most. */
const mostAtOnce = 128;
/** A connection on which nothing was answered for so long is at something slow: nobody waits behind that. */
const slowMs = 25;

type Shared = {
  client: Client;
  connecting: Promise<Client>;
  connected: boolean;
  /** Who waits for an answer, as they asked, and so as they are answered; null: it has to be asked elsewhere. */
  waiting: Set<(answer: Answer | null) => void>;
  /** When it last answered, or began to be asked. */
  movedAt: number;
  watched: boolean;
  /** At something slow, behind which others were. It takes nothing more until all of that is answered. */
  stuck: boolean;
};

/** Connections that many ask at once, without waiting for each other's answers; for what only reads. */
export type SharedConnections = {
  /** Null when all of them are full, or at something slow; or later, when it got behind something slow. */
  read(statement: Statement): Promise<Answer | null> | null;
  /** How many are open. */
  count(): number;
  /** Takes nothing more, and closes them when all is answered. */
  close(): Promise<void>;
};

/**
 * Each is opened when it is first asked, and anew when it broke. All that was under way on one that breaks fails, and
 * is not asked again. What got behind something slow is given up: its answer there, or its error, is dropped.
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
      client,
      connecting: client.connect(),
      connected: false,
      waiting: new Set(),
      movedAt: performance.now(),
      watched: false,
      stuck: false,
    };
    // Without a listener, its end would end the process; those who wait on it are told by themselves.
    client.on('error', (error) => {
      drop(shared);
      logger.warn({ err: error }, 'a shared connection to Postgres broke');
    });
    client.on('end', () => open.delete(shared));
    shared.connecting.then(
      () => {
        shared.connected = true;
        shared.movedAt = performance.now();
      },
      () => drop(shared),
    );
    open.add(shared);
    return shared;
  }

  function drop(shared: Shared): void {
    open.delete(shared);
    shared.client.end().catch(() => {});
  }

  /** The one with the least to do that is not stuck, or a new one as long as there may be more. */
  function choose(): Shared | undefined {
    let best: Shared | undefined;
    for (const shared of open) {
      if (shared.stuck || shared.waiting.size >= mostAtOnce) continue;
      if (best === undefined || shared.waiting.size < best.waiting.size) best = shared;
    }
    if ((best === undefined || best.waiting.size > 0) && open.size < most) best = connect();
    return best;
  }

  /** Looks after a connection until nothing is asked there. */
  function watch(shared: Shared, ms: number): void {
    shared.watched = true;
    // By then the answers are read that came while this process was busy itself. Its socket keeps the process alive.
    setTimeout(() => setImmediate(look, shared), ms).unref();
  }

  function look(shared: Shared): void {
    shared.watched = false;
    if (shared.waiting.size === 0) return;
    const leftMs = shared.connected ? shared.movedAt + slowMs - performance.now() : slowMs;
    if (leftMs > 0) watch(shared, Math.ceil(leftMs));
    else giveUpBehind(shared);
  }

  /** All but the one that is slow is asked elsewhere. */
  function giveUpBehind(shared: Shared): void {
    const [, ...behind] = shared.waiting;
    shared.stuck = true;
    for (const answer of behind) answer(null);
  }

  function askShared(shared: Shared, statement: Statement): Promise<Answer | null> {
    const { client, connecting, connected, waiting } = shared;
    if (waiting.size === 0) shared.movedAt = performance.now();
    if (!shared.watched) watch(shared, slowMs);
    return new Promise((resolve, reject) => {
      function leave(): void {
        waiting.delete(resolve);
        shared.movedAt = performance.now();
        if (waiting.size === 0) shared.stuck = false;
      }
      waiting.add(resolve);
      const asking = connected
        ? ask(client, statement, names)
        : connecting.then(() => ask(client, statement, names));
      asking.then(
        (answer) => {
          leave();
          resolve(answer);
        },
        (error) => {
          leave();
          // It may end a moment later only: nobody else should be on it then.
          if (isLost(error)) drop(shared);
          reject(error);
        },
      );
    });
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
      for (const { client, connected, connecting } of open) {
        (connected ? client.end() : connecting.then(() => client.end())).catch(() => {});
      }
    },
  };
}
