import { createLogger } from '@vestibule/shared/logger';
import { Registry } from '@vestibule/shared/metrics';
import { testGatewayParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { buildGateway } from '../src/app.ts';
import { readGatewaySettings } from '../src/config.ts';
import { clientOf } from './harness/client.ts';

t.test('each operation is counted by dialect, route and status, never by what a client wrote', async (t) => {
  const metrics = new Registry();
  const app = await buildGateway({
    parts: await testGatewayParts(t),
    settings: readGatewaySettings({ NODE_ENV: 'test' }),
    logger: createLogger({ level: 'silent', name: 'test' }),
    metrics,
  });
  t.teardown(() => app.close());
  const client = clientOf(app);
  await client.post('/user/login/', { id: '1' });
  await client.post('/user/login/', { id: '1' });
  await client.post('/user/login/', {}, { headers: { 'content-type': 'text/csv' } });
  await client.get('/user/10000057');
  await client.get('/secret-4711');
  const counts = (await metrics.metrics())
    .split('\n')
    .filter((line) => line.startsWith('vestibule_http_request_seconds_count'))
    .map((line) => line.slice(line.indexOf('{')))
    .sort();
  t.same(counts, [
    '{dialect="accounts",operation="GET /user/:id",status="401"} 1',
    '{dialect="charity",operation="POST /user/login",status="200"} 2',
    '{dialect="charity",operation="POST /user/login",status="415"} 1',
    '{dialect="none",operation="unknown",status="404"} 1',
  ]);
});

t.test('figures are not shown where clients ask', async (t) => {
  const metrics = new Registry();
  const app = await buildGateway({
    parts: await testGatewayParts(t),
    settings: readGatewaySettings({ NODE_ENV: 'test' }),
    logger: createLogger({ level: 'silent', name: 'test' }),
    metrics,
  });
  t.teardown(() => app.close());
  for (const path of ['/metrics', '/metrics/', '/health/metrics']) {
    t.equal((await clientOf(app).get(path)).status, 404, path);
  }
});
