import t from 'tap';
import { createAlarms } from '../src/bus/alarms.ts';
import { startProgram } from './harness/child-program.ts';

t.test('an alarm rings once, not early, and in the order of the times', async (t) => {
  const { set } = createAlarms();
  const begin = performance.now();
  const rung: [string, boolean][] = [];
  const ring = (name: string, ms: number, done?: () => void) =>
    set(ms, () => {
      rung.push([name, performance.now() - begin >= ms]);
      done?.();
    });
  const last = Promise.withResolvers<void>();
  ring('third', 90, last.resolve);
  ring('first', 5);
  ring('second', 45);
  await last.promise;
  t.same(rung, [
    ['first', true],
    ['second', true],
    ['third', true],
  ]);
});

t.test('one that is cleared does not ring, also by one that rings with it', async (t) => {
  const { set, clear } = createAlarms();
  const rung: string[] = [];
  clear(set(1, () => rung.push('cleared')));
  const done = Promise.withResolvers<void>();
  set(1, () => {
    rung.push('first');
    clear(second);
  });
  const second = set(1, () => rung.push('second'));
  set(30, done.resolve);
  await done.promise;
  t.same(rung, ['first']);
});

t.test('one that is set while others ring, or after all were cleared, rings too', async (t) => {
  const { set, clear } = createAlarms();
  await new Promise<void>((resolve) => set(1, () => set(1, resolve)));
  clear(set(1000, () => t.fail('it was cleared')));
  await new Promise<void>((resolve) => set(1, resolve));
  t.pass('all rang');
});

t.test('a thousand at once ring, and none keeps another waiting', async (t) => {
  const { set } = createAlarms();
  const begin = performance.now();
  const rung = Array.from(
    { length: 1000 },
    (_, index) => new Promise<void>((resolve) => set(index / 10, resolve)),
  );
  await Promise.all(rung);
  t.ok(performance.now() - begin >= 99);
});

t.test('a process goes on while an alarm is set, and ends when none is left', async (t) => {
  const { lines, ended } = startProgram(t, 'alarm-setter.ts', []);
  await ended;
  t.same(lines, ['rang']);
});
