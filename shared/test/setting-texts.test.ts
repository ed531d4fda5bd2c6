import { CommonSettings, readConfig } from '@vestibule/shared/config';
import { Type } from '@vestibule/shared/schema';
import { KeysSecret } from '@vestibule/shared/secret';
import { settingTexts } from '@vestibule/shared/setting-texts';
import t from 'tap';

const secret = 'kS8-6fH2pQ9wLx4TnB7vZc1Rm5Yd-012';
const schema = Type.Object({
  KEYS_SECRET: KeysSecret('for tests'),
  PASSWORD: Type.Optional(Type.String()),
  TOKEN: Type.Optional(Type.String()),
  PLACE: Type.Optional(Type.String({ told: 'whole' })),
  API: Type.Optional(Type.String({ told: 'origin' })),
  LIMIT: Type.Optional(Type.Integer()),
  LIMITS: Type.Optional(Type.Union([Type.Literal('on'), Type.Literal('off')])),
  OPEN: Type.Optional(Type.Boolean()),
  EITHER: Type.Optional(Type.Union([Type.Literal('none'), Type.String()])),
});

function textsOf(
  settings: Record<string, unknown>,
  { environment = {}, part = 'user' }: { environment?: Record<string, string>; part?: 'user' | 'auth' } = {},
) {
  return settingTexts({ part, schema, common: readConfig(CommonSettings, environment), settings });
}

t.test('numbers, switches and what says so are told as they are; what is not set is not told', async (t) => {
  const texts = textsOf({ LIMIT: 5, LIMITS: 'off', OPEN: true, PLACE: 'Asia/Shanghai' });
  t.match(texts, { LIMIT: '5', LIMITS: 'off', OPEN: 'true', PLACE: 'Asia/Shanghai', NAMESPACE: 'vestibule' });
  for (const name of ['PASSWORD', 'API', 'KEYS_SECRET', 'DATABASE_URL', 'OPS_PORT']) {
    t.notOk(name in texts, name);
  }
});

t.test('of a long text its beginning is told, and that the rest is another one', async (t) => {
  const place = (text: string) => textsOf({ PLACE: text }).PLACE ?? '';
  t.equal(place('x'.repeat(1000)), 'x'.repeat(1000));
  const long = place(`${'x'.repeat(5000)}1`);
  t.match(long, /^x{1000}… \(SHA-256 [0-9a-f]{16}\)$/);
  t.not(place(`${'x'.repeat(5000)}2`), long);
  t.ok(place(`${'x'.repeat(999)}😀`.repeat(2)).isWellFormed());
});

t.test('what does not say that it may be told is hidden', async (t) => {
  const texts = textsOf({ PASSWORD: 'sesame', EITHER: 'none' });
  t.match(texts, { PASSWORD: '(hidden)', EITHER: '(hidden)' });
});

t.test('under a secret of the part one sees that a password is another one', async (t) => {
  const marker = /^\(hidden [0-9a-f]{8}\)$/;
  const first = textsOf({ KEYS_SECRET: secret, PASSWORD: 'sesame', TOKEN: 'sesame' });
  t.match(first, { KEYS_SECRET: marker, PASSWORD: marker, TOKEN: marker });
  t.strictSame(textsOf({ KEYS_SECRET: secret, PASSWORD: 'sesame', TOKEN: 'sesame' }), first);
  t.not(first.PASSWORD, first.TOKEN, 'not that two are the same');
  const changed = textsOf({ KEYS_SECRET: secret, PASSWORD: 'sesame2', TOKEN: 'sesame' });
  t.not(changed.PASSWORD, first.PASSWORD);
  t.equal(changed.TOKEN, first.TOKEN);
  const elsewhere = textsOf({ KEYS_SECRET: secret, PASSWORD: 'sesame' }, { part: 'auth' });
  t.not(elsewhere.PASSWORD, first.PASSWORD, 'nor that two parts have the same');
  const rekeyed = textsOf({ KEYS_SECRET: `${secret}3`, PASSWORD: 'sesame' });
  t.not(rekeyed.PASSWORD, first.PASSWORD, 'and nothing without the key');
});

t.test('of a URL is told where it leads', async (t) => {
  const api = (url: string) => textsOf({ API: url }).API;
  for (const [url, told] of [
    ['https://api.example.com', 'https://api.example.com'],
    ['https://api.example.com:8443/', 'https://api.example.com:8443'],
    ['https://api.example.com/hook/t0ken', 'https://api.example.com (hidden)'],
    ['https://api.example.com/?key=t0ken', 'https://api.example.com (hidden)'],
    ['https://api.example.com/#t0ken', 'https://api.example.com (hidden)'],
    ['postgres://sara:sesame@db:5432/vestibule', 'postgres://db:5432 (hidden)'],
    ['nats://t0ken@nats:4222', 'nats://nats:4222 (hidden)'],
    ['nats://a:4222,nats://sara:ses,ame@b:4222', 'nats://a:4222,nats://b:4222 (hidden)'],
    ['nats://a:4222,b:4222', '(hidden)'],
    ['redis://sara:12/34@redis', '(hidden)'],
    ['sesame', '(hidden)'],
  ] as const) {
    t.equal(api(url), told, url);
  }
  const under = textsOf({ KEYS_SECRET: secret, API: 'https://sara:sesame@example.com' }).API;
  t.match(under, /^https:\/\/example\.com \(hidden [0-9a-f]{8}\)$/);
});

t.test('servers of the platform are told without their passwords', async (t) => {
  const environment = {
    DATABASE_URL: 'postgres://vestibule_user:pg-sesame@postgres/vestibule',
    NATS_URL: 'nats://user:nats-sesame@nats:4222',
    REDIS_URL: 'redis://user:redis-sesame@redis:6379/0',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://sara:otel-sesame@otel.example.com/v1',
  };
  const texts = textsOf({}, { environment });
  t.match(texts, {
    DATABASE_URL: 'postgres://postgres (hidden)',
    NATS_URL: 'nats://nats:4222 (hidden)',
    REDIS_URL: 'redis://redis:6379 (hidden)',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.example.com (hidden)',
  });
  t.notMatch(JSON.stringify(texts), /sesame|vestibule_user|sara/);
});
