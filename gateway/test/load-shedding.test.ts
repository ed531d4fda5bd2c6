import { testGatewayParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import t from 'tap';
import { clientOf } from './harness/client.ts';
import { startGateway } from './harness/platform.ts';

/** Keeps the event loop from turning, as too much work does. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

t.test(
  'a gateway that is far behind refuses at once, in the words of each document, and recovers',
  async (t) => {
    const environment = { MAX_LOOP_DELAY_MS: '30', LOOP_SAMPLE_MS: '50' };
    const app = await startGateway(t, await testGatewayParts(t), { environment });
    const client = clientOf(app);
    const login = () => client.post('/user/login/', { id: '1' });
    t.match(await login(), { status: 200, body: { code: 400 } });
    let refused = await login();
    await until('the delay is noticed', async () => {
      block(150);
      refused = await login();
      return refused.status === 503;
    });
    t.same(refused.body, { code: 503, msg: 'Service unavailable' });
    t.equal(refused.headers['retry-after'], '1');
    block(150);
    t.equal((await app.inject('/health/live')).statusCode, 200, 'whoever watches it is not refused');
    await until('it has caught up', async () => (await login()).status === 200);
  },
);
