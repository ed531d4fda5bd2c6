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

/** Hashes and compares passwords, as many at a time as the queue lets. */
export function createPasswordHashing({
  engine,
  dummyHash,
  queue,
}: {
  engine: PasswordEngine;
  /** Of a password that nobody knows: compared with where there is no hash, so that this takes the same time. */
  dummyHash: string;
  queue: WorkQueue;
}) {
  return {
    /** Fails with `busy` when a password would not be hashed in time: before anything else is done for it. */
    insistOnRoom: queue.insistOnRoom,

    hash: (password: string, deadline: number): Promise<string> =>
      queue.run(deadline, () => engine.hash(password)),

    /** Null, for want of an account or of its password, is compared too, and never right. */
    async verify(hashed: string | null, password: string, deadline: number): Promise<boolean> {
      const same = await queue.run(deadline, () => engine.verify(hashed ?? dummyHash, password));
      return hashed !== null && same;
    },
  };
}
export type PasswordHashing = ReturnType<typeof createPasswordHashing>;
