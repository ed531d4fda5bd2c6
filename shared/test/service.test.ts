import { AppError } from '@vestibule/shared/errors';
import { Registry } from '@vestibule/shared/metrics';
import { Type } from '@vestibule/shared/schema';
import { defineService } from '@vestibule/shared/service';
import { logLines } from '@vestibule/shared/test/log-lines';
import { testParts } from '@vestibule/shared/test/parts';
import t, { type Test } from 'tap';

/** A service that fails with each of the given errors once, and then serves. */
async function openProbe(t: Test, failures: Error[]) {
  const lines = logLines();
  const events: string[] = [];
  const probe = defineService({
    name: 'process',
    opsPort: 0,
    schema: Type.Object({ GREETING: Type.Optional(Type.String({ told: 'whole' })) }),
    readSettings: ({ GREETING }) => ({ greeting: GREETING ?? 'none' }),
    plugin: async (app, { settings }) => {
      const failure = failures.shift();
      if (failure) throw failure;
      app.addHook('onClose', async () => void events.push('closed'));
      events.push(`serves ${settings.greeting}`);
    },
  });
  const opened = new AsyncDisposableStack();
  t.teardown(() => opened.disposeAsync());
  const open = probe.configure({ GREETING: 'hello' });
  await open({ parts: await testParts(t), metrics: new Registry(), logger: lines.logger, opened });
  return { events, opened, lines };
}

t.test('a service starts with its settings, and closes with its process', async (t) => {
  const { events, opened } = await openProbe(t, []);
  await opened.disposeAsync();
  t.same(events, ['serves hello', 'closed']);
});

t.test('a service whose servers are not there yet tries again, and says why', async (t) => {
  const away = new AppError('database-unavailable', {}, new Error('connection refused'));
  const { events, lines } = await openProbe(t, [away, new AppError('unavailable'), away]);
  t.same(events, ['serves hello']);
  const logged = lines.lines();
  t.match(logged, [
    {
      level: 'warn',
      msg: 'cannot start yet, tries again',
      service: 'process',
      err: { code: 'database-unavailable', cause: { message: 'connection refused' } },
    },
  ]);
  t.equal(logged.length, 1, 'but not each time');
});

t.test('a failure that does not pass by itself ends the start', async (t) => {
  await t.rejects(openProbe(t, [new Error('a migration is broken')]), { message: 'a migration is broken' });
});
