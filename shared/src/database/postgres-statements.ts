import type { ClientBase } from 'pg';
import type { Answer, Statement } from './lent-connection.ts';
import { sqlStateOf, unavailable } from './sql-errors.ts';
import { isStale, type StatementNames } from './statement-names.ts';

/** Of the client's errors, all but those of our own parsers and parameters are the connection's. */
export function isLost(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined) return /^(08|57P)/.test(state);
  return !(error instanceof TypeError || error instanceof RangeError);
}

/**
 * Asks one connection, by the name under which the statement is prepared there. What fails because of that is asked
 * once more without; in a transaction, which is over then, it is `database-unavailable`, and works the next time.
 */
export async function ask(
  client: ClientBase,
  { text, parameters, repeats, inTransaction }: Statement,
  names: StatementNames,
): Promise<Answer> {
  const values = [...parameters];
  const name = repeats ? names.of(text, values.length, inTransaction) : undefined;
  if (name === undefined) return client.query(text, values);
  try {
    return await client.query({ name, text, values });
  } catch (error) {
    if (!isStale(error)) throw error;
    names.renew(text, name);
    if (inTransaction) throw unavailable(error);
    return client.query(text, values);
  }
}
