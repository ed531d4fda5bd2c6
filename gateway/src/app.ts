import { buildApp } from '@vestibule/shared/app';
import { authContracts } from '@vestibule/shared/contracts/auth';
import { dependenciesOf } from '@vestibule/shared/dependencies';
import type { Logger } from '@vestibule/shared/logger';
import type { Registry } from '@vestibule/shared/metrics';
import type { GatewayParts } from '@vestibule/shared/parts';
import { sessionCopies } from '@vestibule/shared/session-copies';
import { noTracing, type Tracing } from '@vestibule/shared/tracing';
import type { FastifyInstance } from 'fastify';
import { addCallContexts, requestIdOf } from './call-contexts.ts';
import { addCallers } from './caller.ts';
import { type GatewayProfile, listed, servesDevRoutes } from './config.ts';
import { addDevVerification } from './dev-verification.ts';
import { addDevWechat } from './dev-wechat.ts';
import { dialects } from './dialects/index.ts';
import { dialectNames } from './dialects/names.ts';
import { serveDialect } from './dialects/scope.ts';
import { addDocs, addSecurityHeaders } from './docs.ts';
import { measureRequests } from './http-metrics.ts';
import { createKeys } from './keys.ts';
import { shedLoad } from './load-shedding.ts';
import { createPasswordBrake } from './password-brake.ts';
import { answerProblems, refuseConnection, refuseHostless, refuseUrl } from './problems.ts';
import { createRateCounts } from './rate-limit.ts';
import { sessionCookie } from './tokens.ts';

type GatewayOptions = {
  parts: GatewayParts;
  settings: GatewayProfile;
  logger: Logger;
  /** Of the process. */
  metrics?: Registry;
  tracing?: Tracing;
};

/** The gateway: the chosen dialects over the services that the bus reaches. It keeps nothing that lasts. */
export async function buildGateway({
  parts,
  settings,
  logger,
  metrics,
  tracing = noTracing,
}: GatewayOptions): Promise<FastifyInstance> {
  const { bus, store, clock } = parts;
  const cookieName = sessionCookie(settings.NODE_ENV === 'production');
  const chosen = listed(settings.DIALECTS);
  const served = dialectNames.filter((name) => chosen.includes(name)).map((name) => dialects[name]);
  const proxies = listed(settings.TRUSTED_PROXIES);

  const app = buildApp({
    name: 'gateway',
    logger,
    dependencies: dependenciesOf(parts),
    drainMs: settings.DRAIN_MS,
    server: {
      bodyLimit: settings.BODY_LIMIT,
      requestTimeout: settings.RECEIVE_TIMEOUT_MS,
      keepAliveTimeout: settings.KEEP_ALIVE_MS,
      http: {
        headersTimeout: settings.RECEIVE_TIMEOUT_MS,
        connectionsCheckingInterval: 1000,
        requireHostHeader: false,
      },
      trustProxy: proxies.length > 0 && proxies,
      routerOptions: { ignoreTrailingSlash: true },
      genReqId: requestIdOf,
      frameworkErrors: refuseUrl,
      clientErrorHandler: refuseConnection,
    },
  });
  if (metrics) measureRequests(app, metrics);
  app.server.maxConnections = settings.MAX_CONNECTIONS;
  // What is expected besides `100-continue` may be left unmet (RFC 9110, 10.1.1); Node's own refusal has no body.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  // Only dialects read bodies; elsewhere none is looked at, so that an unknown path is 404 whatever comes with it.
  app.removeAllContentTypeParsers();
  addCallContexts(app, { clock, deadlineMs: settings.REQUEST_DEADLINE_MS, tracing });
  addSecurityHeaders(app);
  refuseHostless(app);
  answerProblems(app);
  await addDocs(app, { served, cookieName });

  const keys = createKeys({
    fetchKeys: (context) => bus.call(authContracts.publicKeys, {}, context),
    clock,
    pauseMs: settings.KEYS_PAUSE_MS,
    freshMs: settings.KEYS_FRESH_MS,
  });
  app.get('/.well-known/jwks.json', { schema: { hide: true } }, async ({ callContext }, reply) => {
    reply.header('cache-control', 'public, max-age=60');
    return { keys: await keys.all(callContext) };
  });
  const guard = await addCallers(app, {
    bus,
    copies: sessionCopies({ store, clock }),
    keys,
    clock,
    cookieName,
    allowedOrigins: listed(settings.ALLOWED_ORIGINS),
  });
  const counts = createRateCounts({ store, clock });
  await app.register(async (documents) => {
    shedLoad(documents, {
      maxDelayMs: settings.MAX_LOOP_DELAY_MS,
      sampleMs: settings.LOOP_SAMPLE_MS,
    });
    const brake = createPasswordBrake({ clock, pauseMs: settings.PASSWORD_PAUSE_MS });
    for (const dialect of served) {
      await serveDialect(documents, dialect, { bus, settings, guard, counts, brake });
    }
  });
  if (servesDevRoutes(settings)) {
    addDevWechat(app, { clock, configured: listed(settings.WECHAT_APPID) });
    addDevVerification(app, { bus });
  }
  if (served.includes(dialects.openid) && settings.OPENID_BINDING === 'off') {
    logger.warn(
      'OPENID_BINDING is off: whoever knows an openid may use it; `token` is recommended for production',
    );
  }
  return app;
}
