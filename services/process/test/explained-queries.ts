import { GivenValue } from '@vestibule/shared/database/fixed-query';
import { CompiledQuery, type Kysely, type RootOperationNode } from 'kysely';
import type { Test } from 'tap';
import type { ProcessTables } from '../src/tables.ts';

/** How it is answered: for its values, or for any where they are given later. */
async function planOf(db: Kysely<ProcessTables>, { sql, parameters }: CompiledQuery): Promise<string> {
  const isFixed = parameters.some((parameter) => parameter instanceof GivenValue);
  const plan = await db.connection().execute(async (connection) => {
    const ask = (text: string, values: readonly unknown[] = []) =>
      connection.executeQuery<Record<string, string>>(CompiledQuery.raw(text, [...values]));
    if (!isFixed) return ask(`explain ${sql}`, parameters);
    await ask('set plan_cache_mode = force_generic_plan');
    await ask(`prepare asked as ${sql}`);
    const explained = await ask(`explain execute asked(${parameters.map(() => 'null')})`);
    await ask('deallocate asked');
    await ask('reset plan_cache_mode');
    return explained;
  });
  return plan.rows.flatMap((row) => Object.values(row)).join('\n');
}

/** A database that remembers what it is asked, so that it can be asked how it would answer. */
export function explainedQueries(db: Kysely<ProcessTables>) {
  const asked: RootOperationNode[] = [];
  return {
    watched: db.withPlugin({
      transformQuery: ({ node }) => {
        asked.push(node);
        return node;
      },
      transformResult: async ({ result }) => result,
    }),

    /** Runs each and fails where one of its statements reads a whole table. */
    async mustGoByIndex(t: Test, queries: Readonly<Record<string, () => Promise<unknown>>>): Promise<void> {
      for (const [name, query] of Object.entries(queries)) {
        asked.length = 0;
        await query();
        t.ok(asked.length > 0, `${name} asks the database`);
        for (const node of [...asked]) {
          const compiled = db.getExecutor().compileQuery(node, { queryId: 'plan' });
          const text = await planOf(db, compiled);
          t.notMatch(text, /Seq Scan/, `${name}: ${compiled.sql}\n${text}`);
          // The list of all instances grows for ever: a page of it must not sort them.
          if (name.startsWith('all ')) t.notMatch(text, /Sort Key: instances\.id/, `${name}:\n${text}`);
        }
      }
    },
  };
}
