import type { TypeBoxTypeProvider } from '@vestibule/shared/schema';
import type { Store } from '@vestibule/shared/store/store';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { readBodies } from '../bodies.ts';
import type { Access, Guard } from '../caller.ts';
import { receiveFailure, sayWhenToRetry } from '../failures.ts';
import { compileFields } from '../fields.ts';
import type { PasswordBrake } from '../password-brake.ts';
import { addressLimit, type LimitOptions, limitRate } from '../rate-limit.ts';
import type { Dialect, DialectDependencies, Failure, Operation } from './dialect.ts';

type ScopeDependencies = Omit<DialectDependencies, 'limitPerAddress'> & {
  guard: (access: Access) => Guard;
  counts: Pick<Store, 'count'>;
  brake: PasswordBrake;
};

function operationOf({ config }: Pick<RouteOptions, 'config'>): Operation {
  if (config?.operation === undefined) throw new Error('a route of a dialect declares no operation');
  return config.operation;
}

const takesBody = ({ method }: RouteOptions): boolean =>
  [method].flat().some((one) => ['POST', 'PUT', 'PATCH'].includes(one.toUpperCase()));

const answerFailure = (reply: FastifyReply, { status, body }: Failure): FastifyReply =>
  reply.code(status).send(body);

/** Answers at once where the brake is on. Such a refusal is one of very many, and not logged as a failure. */
const holdBy = (brake: PasswordBrake) => async (request: FastifyRequest, reply: FastifyReply) => {
  const refusal = brake.refusal();
  if (refusal === undefined) return;
  sayWhenToRetry(refusal, reply);
  return answerFailure(reply, operationOf(request.routeOptions).fail(refusal));
};

/**
 * Serves a dialect in a scope of its own, where all that its routes have in common is settled: bodies, what
 * validates them, who is let in, and how a failure is answered. A route that does not declare these does not
 * start.
 */
export async function serveDialect(
  app: FastifyInstance,
  dialect: Dialect,
  { guard, counts, brake, ...dependencies }: ScopeDependencies,
): Promise<void> {
  const { settings } = dependencies;
  const hold = holdBy(brake);
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
        const { access, takesPassword } = operationOf(route);
        if (takesBody(route) && route.schema?.body === undefined) {
          throw new Error(`${route.url} has no schema for its body`);
        }
        if (route.url.includes(':') && route.schema?.params === undefined) {
          throw new Error(`${route.url} has no schema for its path`);
        }
        route.onRequest = [takesPassword ? hold : [], route.onRequest ?? [], guard(access)].flat();
        route.schema = { ...route.schema, tags: [dialect.name] };
      });
      scope.addHook('onRequest', async (_request, reply) => {
        reply.header('cache-control', 'no-store');
      });
      scope.setErrorHandler((thrown, request: FastifyRequest<{ Params: Record<string, string> }>, reply) => {
        const error = receiveFailure(thrown, request, reply);
        const { fail, takesPassword } = operationOf(request.routeOptions);
        if (takesPassword) brake.noteRefusal(error);
        return answerFailure(reply, fail(error, request.params));
      });
      dialect.routes(scope.withTypeProvider<TypeBoxTypeProvider>(), { ...dependencies, limitPerAddress });
    },
    { prefix: dialect.prefix },
  );
}
