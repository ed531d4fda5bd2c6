import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { gatherReads } from '../src/gathered-reads.ts';

/** Fetches that are noted, and end when they are told to. */
function fetches() {
  const asked: { keys: readonly number[]; end: (error?: Error) => void }[] = [];
  const fetch = (keys: readonly number[]) =>
    new Promise<ReadonlyMap<number, string>>((resolve, reject) => {
      const found = new Map(keys.filter((key) => key > 0).map((key) => [key, `row ${key}`]));
      asked.push({ keys, end: (error) => (error ? reject(error) : resolve(found)) });
    });
  return { asked, fetch };
}

t.test('reads of one turn are one fetch, and each gets its own', async (t) => {
  const { asked, fetch } = fetches();
  const read = gatherReads(fetch);
  const reads = Promise.all([read(1), Promise.resolve().then(() => read(2)), read(1), read(-1)]);
  await turn();
  asked[0]?.end();
  t.strictSame(await reads, ['row 1', 'row 2', 'row 1', null]);
  t.strictSame(
    asked.map(({ keys }) => keys),
    [[1, -1, 2]],
  );
});

t.test('who asks while a fetch is under way gets one of its own, that begins later', async (t) => {
  const { asked, fetch } = fetches();
  const read = gatherReads(fetch);
  const early = read(1);
  await turn();
  t.equal(asked.length, 1);
  const late = read(1);
  await turn();
  t.equal(asked.length, 2);
  asked[0]?.end(new Error('too early'));
  asked[1]?.end();
  await t.rejects(early, { message: 'too early' });
  t.equal(await late, 'row 1');
});

t.test('an error of a fetch is that of all its reads, and not of the next', async (t) => {
  const { asked, fetch } = fetches();
  const read = gatherReads(fetch);
  const reads = [read(1), read(2), read(3)];
  await turn();
  asked[0]?.end(new Error('away'));
  for (const one of reads) await t.rejects(one, { message: 'away' });
  const next = read(1);
  await turn();
  asked[1]?.end();
  t.equal(await next, 'row 1');
});

t.test('very many reads of one turn are several fetches', async (t) => {
  const { asked, fetch } = fetches();
  const read = gatherReads(fetch, 2);
  const reads = Promise.all([1, 2, 3, 4, 5].map(read));
  await turn();
  for (const { end } of asked) end();
  t.strictSame(await reads, ['row 1', 'row 2', 'row 3', 'row 4', 'row 5']);
  t.strictSame(
    asked.map(({ keys }) => keys),
    [[1, 2], [3, 4], [5]],
  );
});
