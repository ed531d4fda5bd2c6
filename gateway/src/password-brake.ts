import type { Clock } from '@vestibule/shared/call-context';
import type { AppError } from '@vestibule/shared/errors';

/** Holds off a flood of passwords where it is cheapest: before their bodies are read and anybody is asked. */
export type PasswordBrake = {
  /** What a password is refused with now; undefined: it may go on. */
  refusal(): AppError | undefined;
  /** Tells what a password was refused with elsewhere. */
  noteRefusal(error: AppError): void;
};

/**
 * Once a password was refused as `busy`, refuses all for `pauseMs` in the same way. Then they go on until the next one
 * is refused, so that whoever hashes them has always enough to do. What is answered meanwhile makes no pause longer:
 * it was let go on before.
 */
export function createPasswordBrake({ clock, pauseMs }: { clock: Clock; pauseMs: number }): PasswordBrake {
  let latest: { error: AppError; until: number } | undefined;
  const refusal = () => (latest && clock() < latest.until ? latest.error : undefined);
  return {
    refusal,
    noteRefusal(error) {
      if (error.code === 'busy' && !refusal()) latest = { error, until: clock() + pauseMs };
    },
  };
}
