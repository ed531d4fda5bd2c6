import { createHash } from 'node:crypto';
import type { Clock } from '@vestibule/shared/call-context';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import { AppError } from '@vestibule/shared/errors';
import type { ProcessTransaction } from './moves-repository.ts';
import type { RepeatKey, RepeatsRepository } from './repeats-repository.ts';

/** A start that its client may repeat: its key, and what it asks for. */
export type Repeatable = RepeatKey & { digest: string };

/** What a client asks for, as a key stands for it. */
export const digestOf = (processName: string, form: JsonObject): string =>
  createHash('sha256')
    .update(JSON.stringify([processName, form]))
    .digest('hex');

/** Makes a repeated start answer the first one's instance, for as long as a key counts. */
export function createRepeats({
  repository,
  clock,
  ttlMs,
}: {
  repository: RepeatsRepository;
  clock: Clock;
  ttlMs: number;
}) {
  /** The instance that was started with this key; null: none. Fails with `idempotency-conflict`. */
  async function first({ digest, ...key }: Repeatable): Promise<number | null> {
    const use = await repository.find(key, new Date(clock()));
    if (use !== null && use.digest !== digest) throw new AppError('idempotency-conflict');
    return use?.instance_id ?? null;
  }

  return {
    /**
     * Answers the first instance of this key, or starts one. `start` gets what notes the key in its transaction; of
     * two at once the second fails there, and then answers what the first has made.
     */
    async once(
      repeatable: Repeatable | null,
      start: (note: (tx: ProcessTransaction, instanceId: number) => Promise<void>) => Promise<number>,
    ): Promise<number> {
      if (repeatable === null) return start(async () => {});
      const earlier = await first(repeatable);
      if (earlier !== null) return earlier;
      try {
        return await start(async (tx, instance_id) => {
          const at = clock();
          const use = { ...repeatable, instance_id, expires_at: new Date(at + ttlMs) };
          if (!(await repository.take(tx, use, new Date(at)))) throw new AppError('idempotency-conflict');
        });
      } catch (error) {
        const meanwhile = await first(repeatable);
        if (meanwhile === null) throw error;
        return meanwhile;
      }
    },

    removeExpired: (): Promise<void> => repository.removeExpired(new Date(clock())),
  };
}
export type Repeats = ReturnType<typeof createRepeats>;
