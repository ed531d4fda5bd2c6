import { setImmediate as turn } from 'node:timers/promises';
import { createWorkQueue } from '@vestibule/shared/work-queue';
import t from 'tap';
import { argon2, createPasswordHashing } from '../src/password-hashing.ts';
import { quickEngine } from './quick-engine.ts';

t.test('a hash is argon2id with 19 MiB, two passes, one lane and a salt of its own', async (t) => {
  const hash = await argon2.hash('correct horse');
  t.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  t.not(await argon2.hash('correct horse'), hash);
  t.equal(await argon2.verify(hash, 'correct horse'), true);
  t.equal(await argon2.verify(hash, 'correct house'), false);
});

t.test('where there is no hash, one is compared with all the same, and the answer is no', async (t) => {
  const engine = quickEngine();
  const queue = createWorkQueue({ concurrency: 1, queue: 1, clock: Date.now });
  const dummyHash = await engine.hash('known to nobody');
  const hashing = createPasswordHashing({ engine, dummyHash, queue });
  const deadline = Date.now() + 60_000;
  t.equal(await hashing.verify(null, 'known to nobody', deadline), false);
  t.equal(engine.counts.verified, 1);
  t.equal(await hashing.verify(dummyHash, 'known to nobody', deadline), true);
});

t.test('while as many wait as are hashed, those who are done go on together at the next beat', async (t) => {
  const beats: { ms: number; come: () => void }[] = [];
  const pause = (ms: number) => new Promise<void>((resolve) => beats.push({ ms, come: resolve }));
  const held: (() => void)[] = [];
  const engine = {
    ...quickEngine(),
    hash: (password: string) =>
      new Promise<string>((resolve) => held.push(() => resolve(`hash of ${password}`))),
  };
  const queue = createWorkQueue({ concurrency: 2, queue: 10, clock: () => 0 });
  const hashing = createPasswordHashing({ engine, dummyHash: 'hash of nothing', queue, pause });
  const done: string[] = [];
  await hashing.enter(1);
  const all = ['a', 'b', 'c', 'd', 'e', 'f'].map(async (password) =>
    done.push(await hashing.hash(password, 1)),
  );
  const entered = hashing.enter(1).then(() => done.push('entered'));
  const end = async () => {
    held.shift()?.();
    await turn();
  };
  await turn();
  await end();
  await end();
  t.strictSame([done, beats.map(({ ms }) => ms)], [[], [40]], 'all wait for one beat');
  beats[0]?.come();
  await entered;
  t.strictSame(done, ['entered', 'hash of a', 'hash of b']);

  await end();
  t.strictSame(done.slice(3), ['hash of c'], 'at once where fewer wait');
  for (const _ of ['d', 'e', 'f']) await end();
  await Promise.all(all);
  t.strictSame([done.slice(4), beats.length], [['hash of d', 'hash of e', 'hash of f'], 1]);
});

t.test('who would be hashed too late is refused, and waits for no beat', async (t) => {
  const queue = createWorkQueue({ concurrency: 1, queue: 0, clock: () => 0 });
  const hashing = createPasswordHashing({ engine: quickEngine(), dummyHash: 'hash of nothing', queue });
  let free = () => {};
  const running = queue.run(1, () => new Promise<void>((resolve) => (free = resolve)));
  await t.rejects(hashing.enter(1), { code: 'busy' });
  free();
  await running;
  await hashing.enter(1);
});
