import {
  AbortedTransactionError,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  type RootOperationNode,
  SelectQueryNode,
  type TransactionSettings,
} from 'kysely';
import { saysAway, sqlStateOf, unavailable } from './sql-errors.ts';

/** A statement on its way. */
export type Statement = {
  text: string;
  parameters: readonly unknown[];
  /** Whether the same text is asked again and again: what the query builder made is, what was written by hand may be anything. */
  repeats: boolean;
  inTransaction: boolean;
};

/** What one statement answers. */
export type Answer = { rows: unknown[]; command: string; rowCount: number | null };

/** One session of the database, lent to one query or one transaction at a time. */
export type Session = {
  query(statement: Statement): Promise<Answer>;
  /** Gives it back; a `broken` one must not be lent again. */
  release(broken: boolean): void;
};

/** Where sessions come from: a pool of Postgres, or the only one that PGlite has. */
export type Sessions = {
  acquire(): Promise<Session>;
  /** Answers what only reads, outside of transactions, without a session of its own; null, now or later: it needs one. */
  read?(statement: Statement): Promise<Answer | null> | null;
  /** Whether a query's error means that its session is lost, or hangs. */
  isLost(error: unknown): boolean;
};

const repeated: ReadonlySet<string> = new Set<RootOperationNode['kind']>([
  'SelectQueryNode',
  'InsertQueryNode',
  'UpdateQueryNode',
  'DeleteQueryNode',
]);

/** A select that neither locks rows nor has parts that write. */
function isPlainRead(node: RootOperationNode): boolean {
  return SelectQueryNode.is(node) && node.endModifiers === undefined && node.with === undefined;
}

function resultOf<Row>({ rows, command, rowCount }: Answer): QueryResult<Row> {
  // Kysely believes the types of a query; nobody can check them here.
  const result = { rows: rows as Row[] };
  const changes = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE' || command === 'MERGE';
  return changes ? { ...result, numAffectedRows: BigInt(rowCount ?? 0) } : result;
}

/**
 * What Kysely takes for a connection. It takes a session at its first statement that needs one, and none for a plain
 * read. The one place where failures of the database become `database-unavailable`; a session that is lost or hangs
 * is not used again.
 */
export class LentConnection implements DatabaseConnection {
  readonly #sessions: Sessions;
  #session: Session | undefined;
  #inTransaction = false;
  #lost: unknown;
  #discarded = false;

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  async executeQuery<Row>({ query, sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const repeats = repeated.has(query.kind);
    const statement = { text: sql, parameters, repeats, inTransaction: this.#inTransaction };
    if (this.#session === undefined && isPlainRead(query)) {
      const answer = await this.#sessions.read?.(statement)?.catch((error) => this.#fail(error));
      if (answer) return resultOf(answer);
    }
    return resultOf(await this.#ask(statement));
  }

  // biome-ignore lint/correctness/useYield: nothing of ours streams.
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('rows are not streamed');
  }

  async begin({ isolationLevel, accessMode }: TransactionSettings): Promise<void> {
    const isolation = isolationLevel === undefined ? '' : ` isolation level ${isolationLevel}`;
    const access = accessMode === undefined ? '' : ` ${accessMode}`;
    await this.#ask(control(`begin${isolation}${access}`));
    this.#inTransaction = true;
  }

  async commit(): Promise<void> {
    const { command } = await this.#ask(control('commit'));
    // So Postgres answers where a statement has failed before.
    if (command === 'ROLLBACK') throw new AbortedTransactionError();
    this.#inTransaction = false;
  }

  async rollback(): Promise<void> {
    try {
      await this.#ask(control('rollback'));
      this.#inTransaction = false;
    } catch (error) {
      this.#discarded = true;
      throw error;
    }
  }

  release(): void {
    this.#session?.release(this.#lost !== undefined || this.#discarded);
    this.#session = undefined;
  }

  async #ask(statement: Statement): Promise<Answer> {
    // The rollback after it would only wait once more.
    if (this.#lost !== undefined) throw this.#lost;
    this.#session ??= await this.#acquire();
    try {
      return await this.#session.query(statement);
    } catch (error) {
      if (this.#sessions.isLost(error)) this.#lost = unavailable(error);
      throw this.#fail(error);
    }
  }

  async #acquire(): Promise<Session> {
    try {
      return await this.#sessions.acquire();
    } catch (error) {
      // A refused login or an unknown database is not away; what has no state is a time-out or the net.
      throw sqlStateOf(error) === undefined || saysAway(error) ? unavailable(error) : error;
    }
  }

  #fail(error: unknown): never {
    throw this.#lost ?? (this.#sessions.isLost(error) || saysAway(error) ? unavailable(error) : error);
  }
}

const control = (text: string): Statement => ({ text, parameters: [], repeats: false, inTransaction: true });

function lent(connection: DatabaseConnection): LentConnection {
  if (connection instanceof LentConnection) return connection;
  throw new TypeError('the connection is of another driver');
}

/** Kysely's driver over any sessions. */
export function sessionDriver(sessions: Sessions): Driver {
  return {
    async init() {},
    async destroy() {},
    acquireConnection: async () => new LentConnection(sessions),
    beginTransaction: (connection, settings) => lent(connection).begin(settings),
    commitTransaction: (connection) => lent(connection).commit(),
    rollbackTransaction: (connection) => lent(connection).rollback(),
    releaseConnection: async (connection) => lent(connection).release(),
  };
}
