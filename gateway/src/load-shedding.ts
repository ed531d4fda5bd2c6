import { monitorEventLoopDelay } from 'node:perf_hooks';
import { AppError } from '@vestibule/shared/errors';
import type { FastifyInstance } from 'fastify';

/** Milliseconds between two looks at how late the event loop is. Each wakes a process that may have nothing to do. */
const longestLookMs = 100;
const looksPerSample = 5;

/**
 * Refuses the requests of a scope at once, as `busy`, while the process is so far behind that an answer would
 * come late anyhow: when its event loop ran `maxDelayMs` late on the average of the last `sampleMs`, or stood still for
 * all of it.
 */
export function shedLoad(
  scope: FastifyInstance,
  { maxDelayMs, sampleMs }: { maxDelayMs: number; sampleMs: number },
): void {
  const resolution = Math.min(Math.ceil(sampleMs / looksPerSample), longestLookMs);
  const looks = monitorEventLoopDelay({ resolution });
  looks.enable();
  let lateMs = 0;
  const timer = setInterval(() => {
    lateMs = looks.count === 0 ? Number.POSITIVE_INFINITY : looks.mean / 1e6 - resolution;
    looks.reset();
  }, sampleMs);
  timer.unref();
  scope.addHook('onClose', async () => {
    clearInterval(timer);
    looks.disable();
  });
  scope.addHook('onRequest', (_request, _reply, done) => {
    if (lateMs > maxDelayMs) done(new AppError('busy', { retryAfterSeconds: 1 }));
    else done();
  });
}
