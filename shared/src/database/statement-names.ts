import { createHash } from 'node:crypto';
import { sqlStateOf } from './sql-errors.ts';

/** Each costs some 10 to 50 KB in every connection's process on the server. */
const mostNames = 250;
/** Texts with more are lists of rows, whose number differs from call to call. */
const mostParameters = 40;

/** Whether the columns of the answer are those that the tables have just then, and so may change. */
const expands = (text: string) => /(select|returning) \*|\.\*/.test(text);

type Named = { name: string; generation: number; expands: boolean };

/**
 * Under which name a text is prepared, once on each connection: then it is neither parsed nor planned again.
 * The first `most` texts get one, and keep it.
 */
export function createStatementNames(most = mostNames) {
  const names = new Map<string, Named>();

  function add(text: string): Named | undefined {
    if (names.size >= most) return undefined;
    const digest = createHash('sha256').update(text).digest('base64url').slice(0, 20);
    const named = { name: `${digest}.0`, generation: 0, expands: expands(text) };
    names.set(text, named);
    return named;
  }

  return {
    /**
     * Undefined: it is sent without a name. So is, in a transaction, what a migration of its table could make fail:
     * there nobody can ask again.
     */
    of(text: string, parameters: number, inTransaction: boolean): string | undefined {
      if (parameters > mostParameters) return undefined;
      const named = names.get(text) ?? add(text);
      return named === undefined || (inTransaction && named.expands) ? undefined : named.name;
    },

    /** The text is prepared anew, under another name, on all connections. */
    renew(text: string, name: string): void {
      const named = names.get(text);
      if (named?.name !== name) return;
      named.generation += 1;
      named.name = name.replace(/\d+$/, String(named.generation));
    },
  };
}
export type StatementNames = ReturnType<typeof createStatementNames>;

/**
 * Whether a statement failed only because it was prepared: before a migration that changed what it answers, or
 * together with one that could not be prepared, or on another server's session. It has done nothing.
 */
export function isStale(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state === '26000') return true;
  return state === '0A000' && error instanceof Error && 'routine' in error && error.routine === revalidation;
}
/** The function of Postgres that says so; its words depend on the language of the server. */
const revalidation = 'RevalidateCachedQuery';
