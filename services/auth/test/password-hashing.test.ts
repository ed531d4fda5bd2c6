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
