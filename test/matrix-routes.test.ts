import t from 'tap';
import { clientOf } from '../gateway/test/harness/client.ts';
import { fakeParts } from '../gateway/test/harness/fakes.ts';
import { startGateway } from '../gateway/test/harness/platform.ts';
import { accounts } from './matrix/accounts.ts';
import { charity } from './matrix/charity.ts';
import { medicine } from './matrix/medicine.ts';
import { boundOpenid, openid } from './matrix/openid.ts';
import { developmentRoutes, publicRoutes } from './matrix/public.ts';
import { repair } from './matrix/repair.ts';
import { readTable } from './matrix/table.ts';

const { parts } = await fakeParts({ auth: { publicKeys: async () => ({ keys: [] }) } });
const app = await startGateway(t, parts);
const client = clientOf(app);

/** Every route of a gateway as `METHOD /path`, read from the tree that its router prints. */
function routesOf(printed: string): string[] {
  const above: string[] = [];
  return printed
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      const [, indent = '', part = '', methods = ''] = /^([│ ]*)[├└]── (\S+)(?: \((.+)\))?$/.exec(line) ?? [];
      const depth = indent.length / 4;
      const path = (above[depth - 1] ?? '') + part;
      above[depth] = path;
      return methods
        .split(', ')
        .filter((method) => method !== 'HEAD')
        .map((method) => `${method} ${path}`);
    });
}
const routes = routesOf(app.printRoutes({ commonPrefix: false }));

type Action = { anyOf?: { enum: string[] }[] };
type Shown = { requestBody?: { content: Record<string, { schema: { properties?: { action?: Action } } }> } };
const document = (await client.get('/openapi.json')).body as { paths: Record<string, Record<string, Shown>> };
/** The actions that a path's body may name; one without a name where it does one thing alone. */
function actionsOf(route: string): string[] {
  const [method = '', path = ''] = route.split(' ');
  const shown = document.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
  const action = shown?.requestBody?.content['application/json']?.schema.properties?.action;
  return action?.anyOf?.flatMap((one) => one.enum) ?? [''];
}

const matrices = { accounts, charity, medicine, openid, boundOpenid, repair };

t.test('every operation of the gateway has its row, and each action of a path', async (t) => {
  const rows = Object.values(matrices).flatMap(({ table }) => readTable(table).map(({ name }) => name));
  const wanted = routes
    .filter((route) => ![...publicRoutes, ...developmentRoutes].includes(route))
    .flatMap((route) => actionsOf(route).map((action) => `${route} ${action}`.trim()));
  t.ok(wanted.includes('POST /api/process/task assign'));
  t.strictSame(
    wanted.filter((name) => !rows.includes(name)),
    [],
    'a new operation needs a row in test/matrix',
  );
  t.strictSame(
    rows.filter((name) => !wanted.some((one) => name === one || name.startsWith(`${one} `))),
    [],
    'and one that is gone needs none',
  );
  t.equal(routes.length, 48 + publicRoutes.length + developmentRoutes.length);
});

t.test('each row has its request, and each request its row', async (t) => {
  for (const [name, { table, requests }] of Object.entries(matrices)) {
    t.strictSame(
      readTable(table).map((row) => row.name),
      Object.keys(requests),
      name,
    );
  }
});

t.test('what belongs to no document is open to all, with a dead token too', async (t) => {
  for (const route of publicRoutes) {
    const url = route.replace('GET ', '').replace('*', '/static/index.html');
    const alone = await client.get(url);
    t.ok([200, 302].includes(alone.status), `${route}: ${alone.status}`);
    t.equal((await client.get(url, { authorization: 'Bearer dead' })).status, alone.status, route);
  }
});

t.test('production has nothing under /dev', async (t) => {
  const environment = { NODE_ENV: 'production' };
  const production = await startGateway(t, parts, { environment });
  t.notMatch(routesOf(production.printRoutes({ commonPrefix: false })).join(), /\/dev\//);
});
