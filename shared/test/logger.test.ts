import { AppError } from '@vestibule/shared/errors';
import { createLogger, oncePerTurn } from '@vestibule/shared/logger';
import { startProgram } from '@vestibule/shared/test/child-program';
import { logLines } from '@vestibule/shared/test/log-lines';
import t from 'tap';

t.test('secrets are hidden by their names, wherever they stand', async (t) => {
  const { logger, text } = logLines();
  const secrets = {
    password: 'p-1',
    new_password: 'p-2',
    passwordHash: 'p-3',
    token: 'p-4',
    openid: 'p-5',
    phone: 'p-6',
    secret: 'p-7',
  };
  logger.info(secrets, 'flat');
  logger.info({ input: { ...secrets, code: 'p-8' } }, 'inside');
  logger.info({ call: { input: secrets } }, 'deep');
  logger.info({ headers: { authorization: 'p-9', cookie: 'p-10', 'set-cookie': 'p-11' } }, 'headers');
  t.notMatch(text(), /p-\d/);
  t.equal(text().match(/\[hidden\]/g)?.length, 7 * 3 + 1 + 3);
});

t.test('a secret is hidden in a list, in the fields of a child and in what is put into words', async (t) => {
  const { logger, text } = logLines();
  const input = [{ password: 'p-1', code: 'kept' }, { phone: 'p-2' }];
  logger.info({ input, made: new Date(0), token: null }, 'a list');
  logger.child({ account: { phone: 'p-3', id: 7 } }).info('a child');
  logger.child({ token: 'p-4' }).child({ one: 1 }).info({ secret: 'p-5' }, 'a child of a child');
  logger.info('words of %j', { openid: 'p-6', inner: { cookie: 'p-7' } });
  t.notMatch(text(), /p-\d/);
  const [list, child, grandchild, words] = text()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  t.match(list, {
    input: [{ password: '[hidden]', code: 'kept' }, { phone: '[hidden]' }],
    made: '1970-01-01T00:00:00.000Z',
    token: '[hidden]',
  });
  t.match(child, { account: { phone: '[hidden]', id: 7 } });
  t.match(grandchild, { token: '[hidden]', one: 1, secret: '[hidden]' });
  t.equal(words.msg, 'words of {"openid":"[hidden]","inner":{"cookie":"[hidden]"}}');
  t.match(input, [{ password: 'p-1' }, { phone: 'p-2' }], 'what was logged is as it was');
});

t.test('lines of one turn are written together, in their order', async (t) => {
  const written: string[] = [];
  const target = oncePerTurn({ write: (text: string) => void written.push(text) });
  for (const line of ['a', 'b', 'c']) target.write(line);
  t.same(written, []);
  await new Promise(setImmediate);
  t.same(written, ['abc']);
  target.write('d');
  target.flushSync();
  await new Promise(setImmediate);
  t.same(written, ['abc', 'd'], 'and once');
  target.write('x'.repeat(20_000));
  t.equal(written.length, 3, 'much is not kept');
});

t.test('no line is lost, however the process ends', async (t) => {
  for (const [way, last] of [
    ['by-itself', 'said'],
    ['exit', 'said'],
    ['uncaught', 'said'],
    ['fatal', 'the last words'],
  ] as const) {
    const { lines, ended } = startProgram(t, 'line-writer.ts', [way]);
    await ended;
    const said = lines.map((line) => JSON.parse(line));
    t.same(
      said.slice(0, 1000).map(({ line }) => line),
      Array.from({ length: 1000 }, (_, line) => line),
      way,
    );
    t.equal(said.at(-1).msg, last);
  }
});

t.test('an error keeps its code and its causes, and nothing of what a driver adds', async (t) => {
  const { logger, text } = logLines();
  const driver = Object.assign(new Error('duplicate key'), {
    code: '23505',
    detail: 'Key (value)=(o-sara) already exists.',
    parameters: ['o-sara'],
  });
  logger.error({ err: new AppError('identity-taken', {}, driver) }, 'failed');
  const { err } = JSON.parse(text());
  t.match(err, {
    type: 'AppError',
    code: 'identity-taken',
    message: 'identity-taken',
    cause: { type: 'Error', code: '23505', message: 'duplicate key' },
  });
  t.match(err.stack, /logger\.test\.ts/);
  t.notMatch(text(), /o-sara/);
});

t.test('the level bounds what is said, and every line names who speaks', async (t) => {
  let text = '';
  const destination = {
    write(line: string) {
      text += line;
    },
  };
  const logger = createLogger({ level: 'warn', name: 'auth', destination });
  logger.info('unheard');
  logger.warn('heard');
  t.match(JSON.parse(text), {
    level: 'warn',
    name: 'auth',
    msg: 'heard',
    time: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
  });
});

t.test('lines for people carry the time, the level, the name, the words and the fields', async (t) => {
  let text = '';
  const destination = {
    write(line: string) {
      text += line;
    },
  };
  const logger = createLogger({ level: 'info', name: 'auth', pretty: true, destination });
  logger.info({ accountId: 12_345_678, token: 'secret', cut: { at: 1 } }, 'account created');
  t.match(
    text,
    /^\d\d:\d\d:\d\d info auth: account created accountId=12345678 token=\[hidden\] cut=\{"at":1\}\n$/,
  );
  text = '';
  const err = new Error('away', { cause: new Error('refused') });
  logger.warn({ err, part: 'store' }, 'waits');
  t.match(text, /^\d\d:\d\d:\d\d warn auth: waits part=store: Error: away, caused by Error: refused\n$/);
  text = '';
  logger.error({ err }, 'failed');
  t.match(
    text,
    /^\d\d:\d\d:\d\d error auth: failed\nError: away\n {4}at [\s\S]*\ncaused by Error: refused\n {4}at /,
  );
});
