import { CompiledQuery, type Kysely, type RootOperationNode } from 'kysely';
import type { Test } from 'tap';
import type { ProcessTables } from '../src/tables.ts';

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
          const plan = await db.executeQuery<Record<string, string>>(
            CompiledQuery.raw(`explain ${compiled.sql}`, [...compiled.parameters]),
          );
          const text = plan.rows.flatMap((row) => Object.values(row)).join('\n');
          t.notMatch(text, /Seq Scan/, `${name}: ${compiled.sql}\n${text}`);
          // The list of all instances grows for ever: a page of it must not sort them.
          if (name.startsWith('all ')) t.notMatch(text, /Sort Key: instances\.id/, `${name}:\n${text}`);
        }
      }
    },
  };
}
