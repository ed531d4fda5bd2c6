import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { gatherWrites } from '../src/gathered-writes.ts';

/** Statements that are noted, and end when they are told to. */
function statements() {
  const asked: { rows: readonly number[]; end: (error?: Error) => void }[] = [];
  const write = (rows: readonly number[]) =>
    new Promise<void>((resolve, reject) => {
      asked.push({ rows: [...rows], end: (error) => (error ? reject(error) : resolve()) });
    });
  return { asked, write };
}

t.test('rows of one turn are written by one statement, in their order', async (t) => {
  const { asked, write } = statements();
  const add = gatherWrites(write);
  const added = Promise.all([add(1), Promise.resolve().then(() => add(2)), add(1)]);
  await turn();
  asked[0]?.end();
  await added;
  t.strictSame(
    asked.map(({ rows }) => rows),
    [[1, 1, 2]],
  );
});

t.test('a row that comes while a statement is under way goes into the next one', async (t) => {
  const { asked, write } = statements();
  const add = gatherWrites(write);
  const early = add(1);
  await turn();
  const late = add(2);
  await turn();
  t.strictSame(
    asked.map(({ rows }) => rows),
    [[1], [2]],
  );
  asked[0]?.end(new Error('too early'));
  asked[1]?.end();
  await t.rejects(early, { message: 'too early' });
  await late;
});

t.test('the error of a statement is that of all its rows', async (t) => {
  const { asked, write } = statements();
  const add = gatherWrites(write);
  const added = [add(1), add(2)];
  await turn();
  asked[0]?.end(new Error('away'));
  for (const one of added) await t.rejects(one, { message: 'away' });
});

t.test('very many rows of one turn are several statements', async (t) => {
  const { asked, write } = statements();
  const add = gatherWrites(write, 2);
  const added = Promise.all([1, 2, 3, 4, 5].map(add));
  await turn();
  for (const { end } of asked) end();
  await added;
  t.strictSame(
    asked.map(({ rows }) => rows),
    [[1, 2], [3, 4], [5]],
  );
});
