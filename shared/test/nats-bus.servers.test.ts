import { randomUUID } from 'node:crypto';
import t from 'tap';
import { natsBus } from '../src/bus/nats-bus.ts';
import { startNatsServer } from './harness/nats-server.ts';
import { busSuite } from './suites/bus-suite.ts';

const own = process.env.TEST_NATS_URL === undefined ? await startNatsServer() : undefined;
const url = process.env.TEST_NATS_URL ?? own?.url ?? '';
t.teardown(() => own?.stop());

busSuite(t, async (t, parts) => {
  const namespace = `test-${randomUUID().slice(0, 8)}`;
  const caller = await natsBus({ url, namespace, name: 'caller', ...parts });
  const server = await natsBus({ url, namespace, name: 'server', ...parts });
  t.teardown(() => Promise.all([caller.close(), server.close()]));
  return { caller, server };
});
