import { CompiledQuery, type Kysely, type QueryId, type RootOperationNode } from 'kysely';
import type { Test } from 'tap';
import { GivenValue } from '../../src/database/fixed-query.ts';

type Rules = {
  /** Tables of a few rows, however many accounts there are: all of such a one may be read. */
  small?: readonly string[];
  /**
   * Whether a statement is planned as once it was asked so often that its plan no longer depends on the values; unless
   * told, where they are given later.
   */
  forAnyValues?: (asked: { name: string; statement: CompiledQuery }) => boolean;
  /** What else a plan must be. */
  check?: (t: Test, asked: { name: string; sql: string; plan: string }) => void;
};

/** How it is answered. */
async function planOf<Tables>(
  db: Kysely<Tables>,
  { sql, parameters }: CompiledQuery,
  forAnyValues: boolean,
): Promise<string> {
  const plan = await db.connection().execute(async (connection) => {
    const ask = (text: string, values: readonly unknown[] = []) =>
      connection.executeQuery<Record<string, string>>(CompiledQuery.raw(text, [...values]));
    if (!forAnyValues) return ask(`explain ${sql}`, parameters);
    await ask('set plan_cache_mode = force_generic_plan');
    await ask(`prepare asked as ${sql}`);
    const values = parameters.length === 0 ? '' : `(${parameters.map(() => 'null')})`;
    const explained = await ask(`explain execute asked${values}`);
    await ask('deallocate asked');
    await ask('reset plan_cache_mode');
    return explained;
  });
  return plan.rows.flatMap((row) => Object.values(row)).join('\n');
}

/** Locking a table, for one, has none. */
const hasPlan = ({ sql }: CompiledQuery) => /^(with|select|insert|update|delete) /.test(sql);

const isFixed = ({ statement }: { statement: CompiledQuery }) =>
  statement.parameters.some((parameter) => parameter instanceof GivenValue);

/** A database that remembers what it is asked, so that it can be asked how it would answer. */
export function explainedQueries<Tables>(
  db: Kysely<Tables>,
  { small = [], forAnyValues = isFixed, check = () => {} }: Rules = {},
) {
  const asked: RootOperationNode[] = [];
  const built = new WeakMap<QueryId, RootOperationNode>();
  const readWhole = (plan: string) =>
    [...plan.matchAll(/Seq Scan on (\w+)/g)].flatMap(([, table = '']) =>
      small.includes(table) ? [] : table,
    );
  return {
    watched: db.withPlugin({
      transformQuery: ({ node, queryId }) => {
        built.set(queryId, node);
        return node;
      },
      transformResult: async ({ result, queryId }) => {
        const node = built.get(queryId);
        if (node) asked.push(node);
        return result;
      },
    }),

    /** Runs each and fails where one of its statements reads a whole table. */
    async mustGoByIndex(t: Test, queries: Readonly<Record<string, () => Promise<unknown>>>): Promise<void> {
      for (const [name, query] of Object.entries(queries)) {
        asked.length = 0;
        await query();
        t.ok(asked.length > 0, `${name} asks the database`);
        for (const node of [...asked]) {
          const statement = db.getExecutor().compileQuery(node, { queryId: 'plan' });
          if (!hasPlan(statement)) continue;
          const plan = await planOf(db, statement, forAnyValues({ name, statement }));
          t.strictSame(readWhole(plan), [], `${name}: ${statement.sql}\n${plan}`);
          check(t, { name, sql: statement.sql, plan });
        }
      }
    },
  };
}
