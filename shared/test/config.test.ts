import t from 'tap';
import { CommonSettings, type Environment, readConfig, SettingError } from '../src/config.ts';
import { Type } from '../src/schema.ts';

const Settings = Type.Object({
  COUNT: Type.Integer({ minimum: 1, maximum: 100, default: 7, description: 'how many; 1 to 100' }),
  SWITCH: Type.Boolean({ default: false, description: '`true` or `false`' }),
  MODE: Type.Union([Type.Literal('open'), Type.Literal('closed')], {
    default: 'open',
    description: '`open` or `closed`',
  }),
  SECRET: Type.Optional(Type.String({ minLength: 8, description: 'at least 8 characters' })),
});

/** The line that an operator sees. */
function refusal(environment: Environment, schema: Parameters<typeof readConfig>[0] = Settings): string {
  try {
    return JSON.stringify(readConfig(schema, environment));
  } catch (error) {
    return error instanceof SettingError ? error.message : `no SettingError: ${error}`;
  }
}

t.test('what is absent or empty has its default, or is absent', async (t) => {
  const defaults = { COUNT: 7, SWITCH: false, MODE: 'open' };
  t.strictSame({ ...readConfig(Settings, {}) }, defaults);
  t.strictSame({ ...readConfig(Settings, { COUNT: '', SWITCH: '', MODE: '', SECRET: '' }) }, defaults);
});

t.test('text becomes what the setting is', async (t) => {
  const settings = readConfig(Settings, { COUNT: '42', SWITCH: 'true', MODE: 'closed', SECRET: '12345678' });
  t.strictSame({ ...settings }, { COUNT: 42, SWITCH: true, MODE: 'closed', SECRET: '12345678' });
});

t.test('variables that are no settings of the schema are not read', async (t) => {
  t.strictSame(
    { ...readConfig(Settings, { PATH: '/bin', COUNT: '1' }) },
    { COUNT: 1, SWITCH: false, MODE: 'open' },
  );
});

t.test('a wrong setting is named in one line with its rule, without its value', async (t) => {
  t.equal(refusal({ SECRET: 'hunter2' }), 'SECRET is not valid: at least 8 characters');
  t.equal(refusal({ MODE: 'ajar' }), 'MODE is not valid: `open` or `closed`');
  t.equal(refusal({ SWITCH: 'maybe' }), 'SWITCH is not valid: `true` or `false`');
});

t.test('only a whole decimal number is a number', async (t) => {
  for (const text of [
    '1.5',
    '1e1',
    '0x10',
    ' 5',
    '5 ',
    'true',
    'ten',
    '101',
    '0',
    '-1',
    '99999999999999999999',
  ]) {
    t.equal(refusal({ COUNT: text }), 'COUNT is not valid: how many; 1 to 100', `"${text}"`);
  }
  t.equal(readConfig(Settings, { COUNT: '007' }).COUNT, 7);
});

t.test('a setting that must be there and is not is said to be not set', async (t) => {
  const schema = Type.Object({ KEY: Type.String({ description: 'a key' }) });
  t.equal(refusal({}, schema), 'KEY is not set: a key');
  t.equal(refusal({ KEY: '' }, schema), 'KEY is not set: a key');
});

t.test('without any variable a process runs embedded, in development', async (t) => {
  t.strictSame(
    { ...readConfig(CommonSettings, {}) },
    {
      NODE_ENV: 'development',
      NAMESPACE: 'vestibule',
      DATA_DIR: './data',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      OTEL_TRACES_SAMPLER: 'parentbased_always_on',
      OTEL_TRACES_SAMPLER_ARG: '1',
      BUS_SECOND_TRY_MS: 400,
      OUTBOX_POLL_MS: 1000,
      STORE_TIMEOUT_MS: 150,
      DATABASE_TIMEOUT_MS: 3000,
      EVENTS_REPLICAS: 1,
      DATABASE_POOL: 10,
    },
  );
});

t.test('servers are given by URLs of their own kind, NATS by several too', async (t) => {
  const urls = {
    DATABASE_URL: 'postgres://user:p%40ss@db:5432/vestibule?sslmode=require',
    NATS_URL: 'nats://a:4222,nats://b:4222',
    REDIS_URL: 'rediss://:secret@cache/2',
  };
  t.match(readConfig(CommonSettings, urls), urls);
  for (const url of ['db:5432', 'mysql://user:pass@db', 'postgres://', 'postgres://user:pass@db:port/name']) {
    t.equal(
      refusal({ DATABASE_URL: url }, CommonSettings),
      'DATABASE_URL is not valid: a `postgres://` URL; absent: embedded, under `DATA_DIR`',
    );
  }
  t.match(refusal({ REDIS_URL: 'http://cache' }, CommonSettings), 'REDIS_URL is not valid: a `redis://` URL');
  t.match(refusal({ NATS_URL: 'nats://a b' }, CommonSettings), 'NATS_URL is not valid: a `nats://` URL');
});

t.test('every setting has a description, from which its refusal and the documents come', async (t) => {
  for (const [name, property] of Object.entries(CommonSettings.properties)) {
    t.type(property.description, 'string', name);
  }
});
