import { fastify } from 'fastify';
import t from 'tap';
import { readGatewaySettings } from '../src/config.ts';
import { operations } from '../src/dialects/charity/operations.ts';
import { serveDialect } from '../src/dialects/scope.ts';
import { createPasswordBrake } from '../src/password-brake.ts';
import { fakeParts } from './harness/fakes.ts';

const { parts } = await fakeParts({});

t.test('a route that declares nothing does not start', async (t) => {
  const serve = (options: object, url = '/open') =>
    serveDialect(
      fastify(),
      {
        name: 'charity',
        description: '',
        prefix: '/user',
        routes: (scope) => {
          scope.post(url, options, async () => 'open');
        },
      },
      {
        ...parts,
        settings: readGatewaySettings({}),
        counts: parts.store,
        guard: () => async () => undefined,
        brake: createPasswordBrake({ clock: parts.clock, pauseMs: 0 }),
      },
    );
  await t.rejects(serve({}), /declares no operation/);
  await t.rejects(serve({ schema: operations.login.schema }), /declares no operation/);
  await t.rejects(serve({ config: operations.login.config }), /no schema for its body/);
  await t.rejects(serve(operations.login, '/open/:id'), /no schema for its path/);
  await t.resolves(serve(operations.login));
});
