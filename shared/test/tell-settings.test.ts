import type { CallContext } from '@vestibule/shared/call-context';
import { AppError } from '@vestibule/shared/errors';
import { type NoteSettings, tellSettings } from '@vestibule/shared/tell-settings';
import { logLines } from '@vestibule/shared/test/log-lines';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { until } from '@vestibule/shared/test/server-process';
import t, { type Test } from 'tap';

/** Tells an auth that fails as often as told, then takes the note. */
function telling(t: Test, failures: number, onNote = () => {}) {
  const lines = logLines();
  const notes: unknown[] = [];
  const contexts: CallContext[] = [];
  const clock = movableClock();
  const note: NoteSettings = async (given, context) => {
    notes.push(given);
    contexts.push(context);
    onNote();
    if (notes.length <= failures) throw new AppError('unavailable');
    return { changed: true };
  };
  const { stop } = tellSettings({
    part: 'user',
    settings: { LIMIT: '5' },
    note,
    clock,
    logger: lines.logger,
    newId: () => 'id',
    firstPauseMs: 1,
  });
  // The pauses between two tries keep no process alive.
  const alive = setInterval(() => {}, 60_000);
  t.teardown(() => clearInterval(alive));
  const logged = lines.lines;
  return { stop, notes, contexts, clock, logged };
}

t.test('auth is told once, under an id of this start and in the name of nobody', async (t) => {
  const { stop, notes, contexts, clock, logged } = telling(t, 0);
  await until('it is noted', () => logged().length === 1);
  await stop();
  t.strictSame(notes, [{ part: 'user', settings: { LIMIT: '5' } }]);
  t.strictSame(contexts, [{ requestId: 'start-user-id', deadline: clock() + 3000 }]);
  t.match(logged(), [{ level: 'debug', part: 'user', requestId: 'start-user-id', changed: true }]);
});

t.test('while auth is away it is told later, and the log says so unless it is soon there', async (t) => {
  const { notes, logged } = telling(t, 6);
  await until('it is noted', () => logged().some(({ level }) => level === 'debug'));
  t.equal(notes.length, 7);
  t.match(logged(), [
    { level: 'warn', part: 'user', code: 'unavailable' },
    { level: 'warn', part: 'user', code: 'unavailable' },
    { level: 'debug' },
  ]);
  t.equal(logged().length, 3, 'the first four tries are no news');
});

t.test('a process that ends tells nothing more', async (t) => {
  const asked = Promise.withResolvers<void>();
  const { stop, notes, logged } = telling(t, 1000, asked.resolve);
  await asked.promise;
  await stop();
  const told = notes.length;
  t.ok(told >= 1 && told < 1000);
  t.equal(logged().filter(({ level }) => level === 'debug').length, 0);
});
