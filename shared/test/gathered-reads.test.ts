import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { gatherReads, shareReads } from '../src/gathered-reads.ts';

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

/** Shared reads that are noted, and end when they are told to. */
function sharedReads() {
  const begun: { askers: readonly string[]; end: (error?: Error) => void }[] = [];
  const read = (askers: readonly string[]) =>
    new Promise<string>((resolve, reject) => {
      const number = begun.length;
      begun.push({ askers, end: (error) => (error ? reject(error) : resolve(`read ${number}`)) });
    });
  return { begun, read };
}

t.test('the same read of one turn is done once, after all have asked, and told who they are', async (t) => {
  const { begun, read } = sharedReads();
  const ask = shareReads(read);
  const found = Promise.all([ask('a', '1'), ask('b', '2'), Promise.resolve().then(() => ask('a', '3'))]);
  t.equal(begun.length, 0);
  await turn();
  t.strictSame(
    begun.map(({ askers }) => askers),
    [['1', '3'], ['2']],
  );
  for (const { end } of begun) end();
  t.strictSame(await found, ['read 0', 'read 1', 'read 0']);
});

t.test('who asks for a read that has begun gets another one, whose error is its own', async (t) => {
  const { begun, read } = sharedReads();
  const ask = shareReads(read);
  const early = [ask('a', '1'), ask('a', '2')];
  await turn();
  const late = ask('a', '3');
  await turn();
  t.strictSame(
    begun.map(({ askers }) => askers),
    [['1', '2'], ['3']],
  );
  begun[0]?.end(new Error('away'));
  begun[1]?.end();
  for (const one of early) await t.rejects(one, { message: 'away' });
  t.equal(await late, 'read 1');
});

t.test('very many who ask for the same read are several reads', async (t) => {
  const { begun, read } = sharedReads();
  const ask = shareReads(read, 2);
  const found = Promise.all(['1', '2', '3', '4', '5'].map((asker) => ask('a', asker)));
  await turn();
  for (const { end } of begun) end();
  t.strictSame(await found, ['read 0', 'read 0', 'read 1', 'read 1', 'read 2']);
  t.strictSame(
    begun.map(({ askers }) => askers),
    [['1', '2'], ['3', '4'], ['5']],
  );
});
