import type { Test } from 'tap';
import { memoryBus } from '../../src/bus/memory-bus.ts';
import type { Clock } from '../../src/call-context.ts';
import { pgliteDatabase } from '../../src/database/pglite.ts';
import { createLogger } from '../../src/logger.ts';
import type { Parts } from '../../src/parts.ts';
import { memoryStore } from '../../src/store/memory-store.ts';

/** All that services share, for one test; closed when it ends. */
export async function testParts(t: Test, { clock = Date.now }: { clock?: Clock } = {}): Promise<Parts> {
  const logger = createLogger({ level: 'silent', name: 'test' });
  const database = await pgliteDatabase({ dataDir: undefined, logger });
  const parts: Parts = { bus: memoryBus({ clock, logger }), store: memoryStore({ clock }), database, clock };
  t.teardown(async () => {
    await parts.bus.close();
    await parts.store.close();
    await parts.database.close();
  });
  return parts;
}
