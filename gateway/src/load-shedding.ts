import underPressure from '@fastify/under-pressure';
import { AppError } from '@vestibule/shared/errors';
import type { FastifyInstance } from 'fastify';

/**
 * Refuses the requests of a scope at once, as `busy`, while the process is so far behind that an answer would
 * come late anyhow: when its event loop ran `maxDelayMs` late on the average of the last `sampleMs`, or stood still for
 * all of it.
 */
export async function shedLoad(
  scope: FastifyInstance,
  { maxDelayMs, sampleMs }: { maxDelayMs: number; sampleMs: number },
): Promise<void> {
  await scope.register(underPressure, {
    maxEventLoopDelay: maxDelayMs,
    sampleInterval: sampleMs,
    pressureHandler: async () => {
      throw new AppError('busy', { retryAfterSeconds: 1 });
    },
  });
}
