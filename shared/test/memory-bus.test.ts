import t from 'tap';
import { memoryBus } from '../src/bus/memory-bus.ts';
import { busSuite } from './suites/bus-suite.ts';

busSuite(t, async (t, parts) => {
  const bus = memoryBus(parts);
  t.teardown(() => bus.close());
  return { caller: bus, server: bus };
});
