import { setTimeout as delay } from 'node:timers/promises';
import { hash, verify } from '@node-rs/argon2';
import type { WorkQueue } from '@vestibule/shared/work-queue';
import { lowerHashThreads } from './hash-threads.ts';

/** What computes hashes; handed in, so that tests can count and hold them. */
export type PasswordEngine = {
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
  /** Puts others before its threads, once it has worked; absent: it has none. */
  giveWay?: () => void;
};

const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** argon2id (the library's default variant) in the threads of libuv's pool. */
export const argon2: PasswordEngine = {
  hash: (password) => hash(password, parameters),
  verify: (hashed, password) => verify(hashed, password),
  giveWay: lowerHashThreads,
};

/** Milliseconds from when somebody is held until all go on who are held then. */
const beatMs = 40;

/**
 * Hashes and compares passwords, as many at a time as the queue lets. While as many wait as are hashed, all cores are
 * taken, and each thing that is done in between costs a switch to it with cold caches: so what comes before and after a
 * hash is then held until the next beat and done for several at once, which costs a third less of all that is not
 * hashing. Nobody's answer comes later by that: the cores have no time for it anyway.
 */
export function createPasswordHashing({
  engine,
  dummyHash,
  queue,
  pause = delay,
}: {
  engine: PasswordEngine;
  /** Of a password that nobody knows: compared with where there is no hash, so that this takes the same time. */
  dummyHash: string;
  queue: WorkQueue;
  /** Resolves after so many milliseconds. */
  pause?: (ms: number) => Promise<void>;
}) {
  let beat: Promise<void> | null = null;

  /** At once while few wait, else at the next beat. */
  async function together(): Promise<void> {
    const { running, waiting } = queue.depth();
    if (waiting < Math.max(running, 1)) return;
    beat ??= pause(beatMs).then(() => {
      beat = null;
    });
    await beat;
  }

  return {
    /** For what comes later still, after an answer that several get one by one. */
    together,

    /** Fails with `busy` when a password would not be hashed in time: before anything else is done for it. */
    async enter(deadline: number): Promise<void> {
      queue.insistOnRoom(deadline);
      await together();
    },

    async hash(password: string, deadline: number): Promise<string> {
      const hashed = await queue.run(deadline, () => engine.hash(password));
      await together();
      return hashed;
    },

    /** Null, for want of an account or of its password, is compared too, and never right. */
    async verify(hashed: string | null, password: string, deadline: number): Promise<boolean> {
      const same = await queue.run(deadline, () => engine.verify(hashed ?? dummyHash, password));
      await together();
      return hashed !== null && same;
    },
  };
}
export type PasswordHashing = ReturnType<typeof createPasswordHashing>;
