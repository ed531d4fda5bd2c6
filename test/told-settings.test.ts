import { AuthSettings } from '@vestibule/auth/config';
import { auth } from '@vestibule/auth/service';
import { GatewaySettings, readGatewaySettings } from '@vestibule/gateway/config';
import { tellGatewaySettings } from '@vestibule/gateway/told-settings';
import { ProcessSettings } from '@vestibule/process/config';
import { processes } from '@vestibule/process/service';
import { CommonSettings, readConfig } from '@vestibule/shared/config';
import { authContracts } from '@vestibule/shared/contracts/auth';
import { Registry } from '@vestibule/shared/metrics';
import type { Parts } from '@vestibule/shared/parts';
import type { TSchema } from '@vestibule/shared/schema';
import { toldOf } from '@vestibule/shared/setting-texts';
import { logLines } from '@vestibule/shared/test/log-lines';
import { testParts } from '@vestibule/shared/test/parts';
import { until } from '@vestibule/shared/test/server-process';
import { UserSettings } from '@vestibule/user/config';
import { user } from '@vestibule/user/service';
import { VerificationSettings } from '@vestibule/verification/config';
import { verification } from '@vestibule/verification/service';
import t, { type Test } from 'tap';

const schemas = [
  CommonSettings,
  GatewaySettings,
  AuthSettings,
  UserSettings,
  VerificationSettings,
  ProcessSettings,
];

/** The settings of text of which so much may be told. */
const named = (told: 'whole' | 'origin' | 'hidden') => {
  const open = schemas.flatMap(({ properties }) =>
    Object.entries<TSchema>(properties).filter(([, schema]) => schema.type === 'string'),
  );
  return [...new Set(open.flatMap(([name, schema]) => (toldOf(schema) === told ? name : [])))].sort();
};

t.test('what settings say of themselves in the audit log is decided for each', async (t) => {
  t.strictSame(named('hidden'), [
    'ADMIN_NICKNAME',
    'ADMIN_PASSWORD',
    'KEYS_SECRET',
    'SMS_ALIYUN_ACCESS_KEY_ID',
    'SMS_ALIYUN_ACCESS_KEY_SECRET',
    'SMS_TENCENT_SECRET_ID',
    'SMS_TENCENT_SECRET_KEY',
    'SMS_WEBHOOK_SECRET',
    'WECHAT_SECRET',
  ]);
  t.strictSame(named('origin'), [
    'DATABASE_URL',
    'NATS_URL',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'REDIS_URL',
    'SMS_ALIYUN_BASE_URL',
    'SMS_TENCENT_BASE_URL',
    'SMS_WEBHOOK_URL',
    'WECHAT_API_BASE',
  ]);
  t.strictSame(named('whole'), [
    'ALLOWED_ORIGINS',
    'DATA_DIR',
    'DIALECTS',
    'HOST',
    'NAMESPACE',
    'OTEL_TRACES_SAMPLER_ARG',
    'SMS_ALIYUN_SIGN_NAME',
    'SMS_ALIYUN_TEMPLATE_CODE',
    'SMS_ALIYUN_TEMPLATE_VARIABLE',
    'SMS_PER_ADDRESS',
    'SMS_PER_PHONE',
    'SMS_TENCENT_REGION',
    'SMS_TENCENT_SDK_APP_ID',
    'SMS_TENCENT_SIGN_NAME',
    'SMS_TENCENT_TEMPLATE_ID',
    'SMS_TENCENT_TEMPLATE_PARAMS',
    'TIME_ZONE',
    'TRUSTED_PROXIES',
    'WECHAT_APPID',
  ]);
});

const secrets = {
  KEYS_SECRET: 'tS4-6fH2pQ9wLx4TnB7vZc1Rm5Yd-077',
  WECHAT_SECRET: 'wechat-sesame',
  SMS_WEBHOOK_SECRET: 'webhook-sesame',
  SMS_WEBHOOK_URL: 'https://sms.example.com/hook/url-sesame',
};
const environment = {
  ...secrets,
  WECHAT_APPID: 'wx0123456789',
  OUTBOX_POLL_MS: '20',
  SMS_PROVIDER: 'webhook',
};

/** Parts of a platform, as their processes open them, until the test or they end. */
async function open(
  t: Test,
  parts: Parts,
  services: readonly (typeof auth | typeof verification)[],
  changed: Record<string, string> = {},
) {
  const { logger } = logLines();
  const opened = new AsyncDisposableStack();
  t.teardown(() => opened.disposeAsync());
  for (const service of services) {
    const start = service.configure({ ...environment, ...changed });
    await start({ parts, metrics: new Registry(), logger, opened });
  }
  return opened;
}

/** What was told of settings, oldest first, once there are so many lines. */
async function told(parts: Parts, total: number) {
  const list = () => {
    const context = { requestId: 'a-request', deadline: parts.clock() + 5000 };
    return parts.bus.call(
      authContracts.auditLog,
      { action: 'setting.changed', page: 1, perPage: 100 },
      context,
    );
  };
  await until(`${total} lines are logged`, async () => (await list()).total >= total);
  return (await list()).entries.toReversed();
}

t.test('every part tells what it runs with, also those that start while auth is away', async (t) => {
  const parts = await testParts(t);
  await open(t, parts, [user, verification, processes]);
  const { logger } = logLines();
  const gateway = tellGatewaySettings({
    common: readConfig(CommonSettings, environment),
    settings: readGatewaySettings(environment),
    parts,
    logger,
  });
  t.teardown(() => gateway.stop());
  await open(t, parts, [auth]);
  const lines = await told(parts, 5);
  t.strictSame(lines.map(({ details }) => details.part).sort(), [
    'auth',
    'gateway',
    'process',
    'user',
    'verification',
  ]);
  const settingsOf = (part: string) => {
    const line = lines.find(({ details }) => details.part === part);
    t.match(line?.requestId, new RegExp(`^start-${part}-[0-9a-f-]{36}$`));
    const changes = line?.details.changes as { name: string; from: null; to: string }[]; // As the event has them.
    return Object.fromEntries(changes.map(({ name, to }) => [name, to]));
  };
  const marker = /^\(hidden [0-9a-f]{8}\)$/;
  t.match(settingsOf('auth'), {
    NODE_ENV: 'development',
    SESSION_TTL: '604800',
    PASSWORD_POLICY: 'documented',
    WECHAT_APPID: 'wx0123456789',
    WECHAT_SECRET: marker,
    KEYS_SECRET: marker,
  });
  t.match(settingsOf('verification'), {
    SMS_WEBHOOK_URL: /^https:\/\/sms\.example\.com \(hidden [0-9a-f]{8}\)$/,
    SMS_WEBHOOK_SECRET: marker,
  });
  t.match(settingsOf('gateway'), { PORT: '3000', REGISTER_RATE: '20000', LIMITS: 'on' });
  t.match(settingsOf('process'), { IDEMPOTENCY_TTL: '86400' });
  t.match(settingsOf('user'), { ERASE_AFTER_DAYS: '30', KEYS_SECRET: marker });
  t.notMatch(JSON.stringify(lines), /sesame|tS4-/);
});

t.test('a start with another secret is told without it, and one with the same not at all', async (t) => {
  const parts = await testParts(t);
  await open(t, parts, [user, auth]);
  await told(parts, 2);
  const services = [verification];
  const first = await open(t, parts, services);
  await told(parts, 3);
  await first.disposeAsync();
  const again = await open(t, parts, services);
  await again.disposeAsync();
  await open(t, parts, services, { SMS_WEBHOOK_SECRET: 'other-sesame' });
  const lines = await told(parts, 4);
  t.equal(lines.length, 4);
  const marker = /^\(hidden [0-9a-f]{8}\)$/;
  t.match(lines.at(-1)?.details, {
    part: 'verification',
    changes: [{ name: 'SMS_WEBHOOK_SECRET', from: marker, to: marker }],
  });
  t.equal(Object(lines.at(-1)?.details).changes.length, 1);
  t.notMatch(JSON.stringify(lines), /sesame/);
});
