import { randomBytes } from 'node:crypto';
import { requestIdOf } from '@vestibule/gateway/call-contexts';
import { addSecurityHeaders } from '@vestibule/gateway/docs';
import { measureRequests } from '@vestibule/gateway/http-metrics';
import { buildApp } from '@vestibule/shared/app';
import type { Logger } from '@vestibule/shared/logger';
import type { Registry } from '@vestibule/shared/metrics';
import type { TypeBoxTypeProvider } from '@vestibule/shared/schema';
import type { FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { accountRoutes } from './account-routes.ts';
import { captchaRoute } from './captcha-route.ts';
import { createGuesses } from './guesses.ts';
import { loginRoutes } from './login-routes.ts';
import { Refusal } from './refusal.ts';
import { openSessions } from './sessions.ts';
import { createStatements } from './statements.ts';

export type YardstickOptions = {
  pool: Pool;
  redis: Redis;
  logger: Logger;
  metrics: Registry;
  /** Wrong passwords that lock an account, an address, or both together. */
  guessLimit: number;
  /** Captchas a minute that an address is drawn. */
  captchasPerMinute: number;
};

/**
 * The operations that are compared, in one Fastify process: no bus and no other process between a request and its SQL.
 * What one gets from Fastify and pg that are used as their documentation says: compiled validators and serializers, named
 * statements on a pool, one statement for each thing. The same headers, log lines and metrics as the platform's.
 */
export async function buildYardstick(options: YardstickOptions): Promise<FastifyInstance> {
  const { pool, redis, logger, metrics, guessLimit, captchasPerMinute } = options;
  const app = buildApp({
    name: 'yardstick',
    logger,
    server: { bodyLimit: 65_536, genReqId: requestIdOf, routerOptions: { ignoreTrailingSlash: true } },
  });
  measureRequests(app, metrics);
  addSecurityHeaders(app);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('cache-control', 'no-store');
  });
  app.setErrorHandler((error, request, reply) => {
    if (!(error instanceof Refusal)) request.log.error({ err: error }, 'failed');
    const [status, message] =
      error instanceof Refusal ? [error.status, error.message] : [500, 'Internal error'];
    return reply.code(status).send({ cmd: '', data: [], message, status: false });
  });
  const statements = createStatements(pool);
  const sessions = await openSessions(app, { statements, redis });
  const key = randomBytes(32);
  const guesses = createGuesses({ redis, key, limit: guessLimit });
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  accountRoutes(routes, { statements, sessions });
  loginRoutes(routes, { statements, sessions, guesses });
  captchaRoute(routes, { redis, key, perMinute: captchasPerMinute });
  return app;
}
