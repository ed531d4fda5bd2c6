import { createHash } from 'node:crypto';
import type { Clock } from '@vestibule/shared/call-context';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import { Instance } from '@vestibule/shared/contracts/process';
import { AppError } from '@vestibule/shared/errors';
import { TypeCompiler } from '@vestibule/shared/schema';
import type { ProcessTransaction } from './moves-repository.ts';
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

/** How a start is made, with what notes the key in its transaction, and how it is answered. */
export type Start = {
  begin: (note: (tx: ProcessTransaction, instanceId: number) => Promise<void>) => Promise<number>;
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
   * What the first start with this key was answered with, or would be now if it was not yet; null: there was none.
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
     * Gives the first answer of this key again, or starts an instance. Of two at once the second fails when it notes
     * the key, and then answers what the first has made.
     */
    async once(repeatable: Repeatable | null, start: Start): Promise<Instance> {
      if (repeatable === null) return start.answer(await start.begin(async () => {}));
      const earlier = await first(repeatable, start);
      if (earlier !== null) return earlier;
      let id: number;
      try {
        id = await start.begin(async (tx, instance_id) => {
          const at = clock();
          const use = { ...repeatable, instance_id, expires_at: new Date(at + ttlMs) };
          if (!(await repository.take(tx, use, new Date(at)))) throw new AppError('idempotency-conflict');
        });
      } catch (error) {
        const meanwhile = await first(repeatable, start);
        if (meanwhile === null) throw error;
        return meanwhile;
      }
      const answer = await start.answer(id);
      // Without it a repeat is answered with the instance as it is by then.
      await repository.keepAnswer(repeatable, answer).catch(() => undefined);
      return answer;
    },

    removeExpired: (): Promise<void> => repository.removeExpired(new Date(clock())),
  };
}
export type Repeats = ReturnType<typeof createRepeats>;
