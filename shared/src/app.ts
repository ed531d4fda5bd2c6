import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify';
import type { Logger } from './logger.ts';

/** Something that a process depends on: `needed` or, when false, only missed. */
export type Dependency = { needed: boolean; ready: () => boolean | Promise<boolean> };
export type Dependencies = Readonly<Record<string, Dependency>>;

/** One line for each answered request, with the route's pattern: a URL may hold a phone or a token. */
class OneLinePerRequest extends LogController {
  override incomingRequest() {}
  override routeNotFound() {}
  override requestCompleted(error: Error | null, request: FastifyRequest, reply: FastifyReply) {
    const { method, routeOptions, ip: address } = request;
    const { statusCode: status, elapsedTime } = reply;
    const line = { method, route: routeOptions.url ?? null, status, ms: Math.round(elapsedTime), address };
    if (error) reply.log.error({ ...line, err: error }, 'failed');
    else reply.log.info(line, 'answered');
  }
}

/** Milliseconds in which whoever keeps a connection open is told to leave it, before idle ones are closed. */
const standardDrainMs = 250;
/** Milliseconds after which connections that did not finish are cut; well within the process's own end. */
const cutMs = 7000;

/**
 * Answers end with `connection: close` while the app closes, so that no keep-alive client holds it open and
 * none loses a request; what still hangs, a half-sent request for example, is cut in the end.
 */
function closeInOrder(app: FastifyInstance, drainMs: number): { closing: () => boolean } {
  let closing = false;
  let cut: NodeJS.Timeout | undefined;
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
  app.addHook('preClose', async () => {
    closing = true;
    if (!app.server.listening) return;
    cut = setTimeout(() => app.server.closeAllConnections(), cutMs);
    await delay(drainMs);
  });
  app.addHook('onClose', async () => clearTimeout(cut));
  return { closing: () => closing };
}

function answerHealth(
  app: FastifyInstance,
  name: string,
  dependencies: Dependencies,
  closing: () => boolean,
) {
  app.get('/health/live', { logLevel: 'warn' }, async () => ({ name, status: 'live' }));
  app.get('/health/ready', { logLevel: 'warn' }, async (_request, reply) => {
    const states = await Promise.all(
      Object.entries(dependencies).map(async ([dependency, { needed, ready }]) => {
        return [dependency, { needed, ready: await ready() }] as const;
      }),
    );
    const missing = states.some(([, { needed, ready }]) => needed && !ready);
    const status = closing() ? 'closing' : missing ? 'unavailable' : 'ready';
    reply.code(status === 'ready' ? 200 : 503).header('cache-control', 'no-store');
    return { name, status, dependencies: Object.fromEntries(states) };
  });
}

type AppOptions = {
  /** Shown by the health answers. */
  name: string;
  logger: Logger;
  /** What `/health/ready` names; none: always ready. */
  dependencies?: Dependencies;
  /** Milliseconds for which a closing app goes on taking connections, unready; 250 unless told otherwise. */
  drainMs?: number;
  /** Fastify's own options, for what differs between apps. */
  server?: Omit<
    FastifyHttpOptions<Server>,
    'logger' | 'loggerInstance' | 'logController' | 'return503OnClosing'
  >;
};

/**
 * The base of every HTTP app here: logging, time-outs, `/health/live` (200 while the process runs),
 * `/health/ready` (200, or 503 when a needed dependency is away or the app is closing; names each
 * dependency) and a close that finishes what was begun.
 */
export function buildApp({
  name,
  logger,
  dependencies = {},
  drainMs = standardDrainMs,
  server = {},
}: AppOptions): FastifyInstance {
  const app = fastify({
    requestTimeout: 30_000,
    keepAliveTimeout: 72_000,
    ...server,
    return503OnClosing: false,
    loggerInstance: logger,
    logController: new OneLinePerRequest({ requestIdLogLabel: 'requestId' }),
  });
  const { closing } = closeInOrder(app, drainMs);
  answerHealth(app, name, dependencies, closing);
  return app;
}
