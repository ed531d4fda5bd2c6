import { createHash } from 'node:crypto';
import type { Clock } from '@vestibule/shared/call-context';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import { Instance } from '@vestibule/shared/contracts/process';
import { AppError } from '@vestibule/shared/errors';
import { TypeCompiler } from '@vestibule/shared/schema';
import type { TakenKey } from './changes-repository.ts';
import type { RepeatKey, RepeatsRepository } from './repeats-repository.ts';

/** A start that its client may repeat: its key, and what it asks for. */
export type Repeatable = RepeatKey & { digest: string };

/** What a client asks for, as a key stands for it. */
export const digestOf = (processName: string, form: JsonObject): string =>
  createHash('sha256')
    .update(JSON.stringify([processName, form]))
    .digest('hex');

/** What an earlier version of this code has kept may be something else by now. */
const kept = TypeCompiler.Compile(Instance);

/**
 * How a start is made, with its answer kept under the key in the statement that makes it; fails where the key is in
 * use. And how one is answered that was made before.
 */
export type Start = {
  begin: (key: Omit<TakenKey, 'answer'> | null) => Promise<Instance>;
  answer: (instanceId: number) => Promise<Instance>;
};

/** Makes a repeated start get the first one's answer, for as long as a key counts. */
export function createRepeats({
  repository,
  clock,
  ttlMs,
}: {
  repository: RepeatsRepository;
  clock: Clock;
  ttlMs: number;
}) {
  /**
   * What the first start with this key was answered with, or would be now where that was not kept; null: there was none.
   * Fails with `idempotency-conflict`.
   */
  async function first({ digest, ...key }: Repeatable, { answer }: Start): Promise<Instance | null> {
    const use = await repository.find(key, new Date(clock()));
    if (use === null) return null;
    if (use.digest !== digest) throw new AppError('idempotency-conflict');
    return kept.Check(use.answer) ? use.answer : answer(use.instance_id);
  }

  return {
    /**
     * Gives the first answer of this key again, or starts an instance. Of two at once the second fails when it takes
     * the key, and then answers what the first has made.
     */
    async once(repeatable: Repeatable | null, start: Start): Promise<Instance> {
      if (repeatable === null) return start.begin(null);
      const earlier = await first(repeatable, start);
      if (earlier !== null) return earlier;
      try {
        return await start.begin({ ...repeatable, expires_at: new Date(clock() + ttlMs) });
      } catch (error) {
        const meanwhile = await first(repeatable, start);
        if (meanwhile === null) throw error;
        return meanwhile;
      }
    },

    removeExpired: (): Promise<void> => repository.removeExpired(new Date(clock())),
  };
}
export type Repeats = ReturnType<typeof createRepeats>;
