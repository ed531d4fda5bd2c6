import type { TypeBoxTypeProvider } from '@vestibule/shared/schema';
import type { Store } from '@vestibule/shared/store/store';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { readBodies } from '../bodies.ts';
import type { Access, Guard } from '../caller.ts';
import { receiveFailure } from '../failures.ts';
import { compileFields } from '../fields.ts';
import { limitRate } from '../rate-limit.ts';
import type { Dialect, DialectDependencies, Operation } from './dialect.ts';

type ScopeDependencies = DialectDependencies & {
  guard: (access: Access) => Guard;
  counts: Pick<Store, 'count'>;
};

function operationOf({ config }: Pick<RouteOptions, 'config'>): Operation {
  if (config?.operation === undefined) throw new Error('a route of a dialect declares no operation');
  return config.operation;
}

/**
 * Serves a dialect in a scope of its own, where all that its routes have in common is settled: bodies, what
 * validates them, who is let in, and how a failure is answered. A route that does not declare these does not
 * start.
 */
export async function serveDialect(
  app: FastifyInstance,
  dialect: Dialect,
  { guard, counts, ...dependencies }: ScopeDependencies,
): Promise<void> {
  const { settings } = dependencies;
  await app.register(
    async (scope) => {
      await readBodies(scope, { bodyLimit: settings.BODY_LIMIT, multipartLimit: settings.MULTIPART_LIMIT });
      scope.setValidatorCompiler(compileFields);
      scope.setSerializerCompiler(() => JSON.stringify);
      if (dialect.rate && settings.LIMITS === 'on') {
        await limitRate(scope, { name: dialect.name, counts, ...dialect.rate(settings) });
      }
      scope.addHook('onRoute', (route) => {
        const { access } = operationOf(route);
        if (route.schema?.body === undefined && route.schema?.querystring === undefined) {
          throw new Error(`${route.url} has no schema for its body or its query`);
        }
        route.onRequest = [route.onRequest ?? [], guard(access)].flat();
        route.schema = { ...route.schema, tags: [dialect.name] };
      });
      scope.addHook('onRequest', async (_request, reply) => {
        reply.header('cache-control', 'no-store');
      });
      scope.setErrorHandler((thrown, request: FastifyRequest, reply) => {
        const error = receiveFailure(thrown, request, reply);
        const { status, body } = operationOf(request.routeOptions).fail(error);
        return reply.code(status).send(body);
      });
      dialect.routes(scope.withTypeProvider<TypeBoxTypeProvider>(), dependencies);
    },
    { prefix: dialect.prefix },
  );
}
