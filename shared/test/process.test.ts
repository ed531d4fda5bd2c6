import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from '@vestibule/shared/test/server-process';
import t, { type Test } from 'tap';

/** Runs a process whose `start` is the given source text; it says `started` when that has resolved. */
function run(t: Test, start: string, { needs = [] as string[], ...settings }: Record<string, unknown> = {}) {
  const source = `
    import { runProcess } from '@vestibule/shared/process';
    setInterval(() => {}, 1000);
    await runProcess({
      name: 'probe',
      environment: process.env,
      needs: ${JSON.stringify(needs)},
      async start({ opened, logger }) { ${start}; logger.info('started'); },
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    cwd: import.meta.dirname,
    env: { PATH: process.env.PATH, ...settings } as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text) => {
    said.out += text;
  });
  child.stderr.on('data', (text) => {
    said.err += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const says = (text: string) => until(`it says ${text}`, () => said.out.includes(text));
  return { child, said, says, ended };
}

t.test('a signal closes what was opened, the last first, and ends with 0', async (t) => {
  const { child, said, says, ended } = run(
    t,
    `for (const name of ['database', 'services', 'gateway']) opened.defer(async () => logger.info('closes ' + name))`,
  );
  await says('started');
  child.kill('SIGTERM');
  t.equal(await ended, 0);
  t.same(said.out.match(/SIGTERM: closing|closes \w+/g), [
    'SIGTERM: closing',
    'closes gateway',
    'closes services',
    'closes database',
  ]);
  t.equal(said.err, '');
});

t.test('a second signal ends a process that does not get done, an echo of the first does not', async (t) => {
  const { child, says, ended } = run(
    t,
    `opened.defer(async () => {
      logger.info('hangs');
      setTimeout(() => logger.info('a second later'), 1100);
      await new Promise(() => {});
    })`,
  );
  await says('started');
  child.kill('SIGINT');
  await says('hangs');
  child.kill('SIGINT');
  await says('a second later');
  child.kill('SIGINT');
  t.equal(await ended, 1);
});

t.test('what hangs at the end is cut off after 10 s', async (t) => {
  const { child, said, says, ended } = run(t, 'opened.defer(() => new Promise(() => {}))');
  await says('started');
  child.kill('SIGTERM');
  t.equal(await ended, 1);
  t.match(said.out, /error probe: did not end within 10 s, ends as it is/);
});

t.test('what fails at the end is logged, and the rest is closed all the same', async (t) => {
  const { child, said, says, ended } = run(
    t,
    `opened.defer(() => logger.info('closes database'));
     opened.defer(() => { throw new Error('gateway stuck'); })`,
  );
  await says('started');
  child.kill('SIGTERM');
  t.equal(await ended, 1);
  t.match(said.out, /error probe: something did not close/);
  t.match(said.out, /closes database/);
});

t.test('a failure that nobody caught is logged as fatal, and ends the process in order with 1', async (t) => {
  for (const failure of [
    "Promise.reject(new Error('lost'))",
    "setImmediate(() => { throw new Error('lost'); })",
  ]) {
    const { said, ended } = run(t, `opened.defer(() => logger.info('closes database')); ${failure}`);
    t.equal(await ended, 1);
    t.match(said.out, /fatal probe: un(handledRejection|caughtException)\nError: lost/);
    t.match(said.out, /closes database/);
  }
});

t.test(
  'a start that fails says why in one line, with what caused it, and closes what was opened',
  async (t) => {
    const { said, ended } = run(
      t,
      `opened.defer(() => logger.info('closes database'));
     throw new Error('no keys', { cause: new Error('the disk\\nis full') })`,
    );
    t.equal(await ended, 1);
    t.equal(said.err, 'probe cannot start: no keys: the disk is full\n');
    t.match(said.out, /closes database/);
  },
);

t.test('a signal during a start that waits ends it without a complaint', async (t) => {
  const { child, said, says, ended } = run(
    t,
    `logger.info('waits');
     await new Promise((resolve) => opened.defer(resolve));
     throw new Error('too late')`,
  );
  await says('waits');
  child.kill('SIGTERM');
  t.equal(await ended, 0);
  t.equal(said.err, '');
});

t.test('settings that are missing or wrong are named before anything starts', async (t) => {
  const missing = run(t, "logger.info('begins')", { needs: ['NATS_URL', 'REDIS_URL'], REDIS_URL: '' });
  t.equal(await missing.ended, 1);
  t.equal(
    missing.said.err,
    'probe cannot start: NATS_URL and REDIS_URL are not set: it shares these servers with the other processes\n',
  );
  const wrong = run(t, "logger.info('begins')", { LOG_LEVEL: 'loud' });
  t.equal(await wrong.ended, 1);
  t.equal(
    wrong.said.err,
    'probe cannot start: LOG_LEVEL is not valid: one of fatal, error, warn, info, debug, trace, silent\n',
  );
  t.equal(missing.said.out + wrong.said.out, '');
});
