import t from 'tap';
import { Registry } from '../src/metrics.ts';
import { watchOutbox } from '../src/outbox/outbox-metrics.ts';

t.test('what waits is shown per service, and nothing of one whose database is away', async (t) => {
  const registry = new Registry();
  let away = false;
  watchOutbox(registry, 'user', async () => 7);
  watchOutbox(registry, 'auth', () => (away ? Promise.reject(new Error('away')) : Promise.resolve(3)));
  const shown = async () =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('vestibule_outbox_waiting'));
  t.same((await shown()).sort(), [
    'vestibule_outbox_waiting{service="auth"} 3',
    'vestibule_outbox_waiting{service="user"} 7',
  ]);
  away = true;
  t.same(await shown(), ['vestibule_outbox_waiting{service="user"} 7']);
});
