import { Socket } from 'node:net';
import { AppError } from '@vestibule/shared/errors';
import { memoryStore } from '@vestibule/shared/store/memory-store';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import t from 'tap';
import { addressLimit, createRateCounts } from '../src/rate-limit.ts';

/** What a limit looks at of a request. */
type Asker = Parameters<ReturnType<typeof addressLimit>>[0];
// Fastify's whole request is not needed to know an address.
const from = (ip: string) => ({ ip, socket: new Socket() }) as Asker;

t.test('an address may do so much within a window, and is told when it ends', async (t) => {
  const clock = movableClock();
  const counts = createRateCounts({ store: memoryStore({ clock }), clock });
  const limit = addressLimit({ counts, name: 'registrations', limit: 2, windowMs: 60_000 });
  const other = addressLimit({ counts, name: 'codes', limit: 2, windowMs: 60_000 });
  await limit(from('203.0.113.7'));
  clock.advance(500);
  await limit(from('203.0.113.7'));
  await t.rejects(limit(from('203.0.113.7')), { code: 'rate-limited', details: { retryAfterSeconds: 60 } });
  await t.resolves(limit(from('203.0.113.8')), 'another address');
  await t.resolves(other(from('203.0.113.7')), 'something else');
  clock.advance(59_501);
  await t.resolves(limit(from('203.0.113.7')));
});

t.test('without the store it is counted here; another fault is passed on', async (t) => {
  const clock = movableClock();
  const fault = { error: new AppError('store-unavailable') };
  const counts = createRateCounts({ store: { count: () => Promise.reject(fault.error) }, clock });
  const limit = addressLimit({ counts, name: 'registrations', limit: 1, windowMs: 60_000 });
  await t.resolves(limit(from('203.0.113.7')));
  await t.rejects(limit(from('203.0.113.7')), { code: 'rate-limited' });
  fault.error = new AppError('internal');
  await t.rejects(limit(from('203.0.113.9')), { code: 'internal' });
});
