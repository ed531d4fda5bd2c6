import type { TypeBoxTypeProvider } from '@vestibule/shared/schema';
import type { Store } from '@vestibule/shared/store/store';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { readBodies } from '../bodies.ts';
import type { Access, Guard } from '../caller.ts';
import { receiveFailure } from '../failures.ts';
import { compileFields } from '../fields.ts';
import { addressLimit, type LimitOptions, limitRate } from '../rate-limit.ts';
import type { Dialect, DialectDependencies, Operation } from './dialect.ts';

type ScopeDependencies = Omit<DialectDependencies, 'limitPerAddress'> & {
  guard: (access: Access) => Guard;
  counts: Pick<Store, 'count'>;
};

function operationOf({ config }: Pick<RouteOptions, 'config'>): Operation {
  if (config?.operation === undefined) throw new Error('a route of a dialect declares no operation');
  return config.operation;
}

const takesBody = ({ method }: RouteOptions): boolean =>
  [method].flat().some((one) => ['POST', 'PUT', 'PATCH'].includes(one.toUpperCase()));

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
  const limitPerAddress = (options: LimitOptions) =>
    settings.LIMITS === 'on' ? addressLimit({ counts, ...options }) : async () => undefined;
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
        if (takesBody(route) && route.schema?.body === undefined) {
          throw new Error(`${route.url} has no schema for its body`);
        }
        if (route.url.includes(':') && route.schema?.params === undefined) {
          throw new Error(`${route.url} has no schema for its path`);
        }
        route.onRequest = [route.onRequest ?? [], guard(access)].flat();
        route.schema = { ...route.schema, tags: [dialect.name] };
      });
      scope.addHook('onRequest', async (_request, reply) => {
        reply.header('cache-control', 'no-store');
      });
      scope.setErrorHandler((thrown, request: FastifyRequest<{ Params: Record<string, string> }>, reply) => {
        const error = receiveFailure(thrown, request, reply);
        const { status, body } = operationOf(request.routeOptions).fail(error, request.params);
        return reply.code(status).send(body);
      });
      dialect.routes(scope.withTypeProvider<TypeBoxTypeProvider>(), { ...dependencies, limitPerAddress });
    },
    { prefix: dialect.prefix },
  );
}
