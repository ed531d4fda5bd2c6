import { type Environment, readConfig } from '@vestibule/shared/config';
import { memoryStore } from '@vestibule/shared/store/memory-store';
import { logLines } from '@vestibule/shared/test/log-lines';
import type { Test } from 'tap';
import { ProviderSettings } from '../../src/providers/config.ts';
import { createProvider } from '../../src/providers/index.ts';
import { type AliyunAccount, startAliyunStub } from './aliyun-stub.ts';
import { startTencentStub, type TencentAccount } from './tencent-stub.ts';
import { startWebhookStub } from './webhook-stub.ts';

/** The last instant of a day in UTC, so that a date of another zone or a rounded second shows. */
export const now = Date.parse('2026-11-21T23:59:59.999Z');
/** Canaries: no log line may hold any of them. */
export const message = {
  phone: '13912345678',
  code: '907351',
  expiresInSeconds: 300,
  requestId: '0b7a4c7e-5a53-4a3e-9d0f-6f4a6d8f2f11',
} as const;
export const secrets = {
  tencent: 'tencent-canary-Gu5t9xGARNpq86cd98joQYCN3',
  aliyun: 'aliyun-canary-7GZmN1kQp0XcVbLr',
  webhook: 'webhook-canary-秘密',
};

/** What every provider of this process has logged. */
const allLogs: (() => string)[] = [];
/** To be called last in a file of tests. */
export function testCanaries(t: Test) {
  return t.test('no line that was logged above holds a code, a phone, a secret or a signature', async (t) => {
    const text = allLogs.map((lines) => lines()).join('');
    t.match(text, '"provider":', 'there are lines');
    const canaries = [message.code, message.phone, message.phone.slice(2), ...Object.values(secrets)];
    for (const canary of [...canaries, 'Signature=', 'x-signature', 'TemplateParam']) {
      t.equal(text.includes(canary), false, canary);
    }
  });
}

/** Stands for time enough. */
export const inTime = { deadline: now + 60_000 };

/** The provider of some settings, with the lines that it logs. */
export function providerOf(t: Test, environment: Environment, nonces: readonly string[] = []) {
  const logs = logLines();
  allLogs.push(logs.text);
  const store = memoryStore({ clock: () => now });
  t.teardown(() => store.close());
  const left = [...nonces];
  const provider = createProvider({
    settings: readConfig(ProviderSettings, environment),
    store,
    logger: logs.logger,
    clock: () => now,
    ...(nonces.length === 0 ? {} : { nonce: () => left.shift() ?? 'no nonce left' }),
  });
  return { provider, logs, store };
}

export async function tencentSubject(
  t: Test,
  {
    environment = {},
    registered = {},
  }: { environment?: Environment; registered?: Partial<TencentAccount> } = {},
) {
  const account = {
    secretId: 'AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE',
    secretKey: secrets.tencent,
    appId: '1400006666',
    signName: '腾讯云【测试】签名',
    templateId: '1110',
    variables: 2,
    ...registered,
  };
  const stub = await startTencentStub(t, { account, now: () => now });
  const made = providerOf(t, {
    SMS_PROVIDER: 'tencent',
    SMS_TENCENT_SECRET_ID: 'AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE',
    SMS_TENCENT_SECRET_KEY: secrets.tencent,
    SMS_TENCENT_SDK_APP_ID: '1400006666',
    SMS_TENCENT_SIGN_NAME: '腾讯云【测试】签名',
    SMS_TENCENT_TEMPLATE_ID: '1110',
    SMS_TENCENT_BASE_URL: stub.url,
    ...environment,
  });
  return { ...made, stub, sent: stub.sent };
}

export async function aliyunSubject(
  t: Test,
  {
    environment = {},
    registered = {},
    nonces = [],
  }: { environment?: Environment; registered?: Partial<AliyunAccount>; nonces?: readonly string[] } = {},
) {
  const account = {
    accessKeyId: 'LTAI5tEXAMPLE',
    accessKeySecret: secrets.aliyun,
    signName: "阿里云【测试】 a+b*c~d'(e)!",
    templateCode: 'SMS_154950909',
    variable: 'code',
    ...registered,
  };
  const stub = await startAliyunStub(t, { account, now: () => now });
  const environmentOfAll = {
    SMS_PROVIDER: 'aliyun',
    SMS_ALIYUN_ACCESS_KEY_ID: 'LTAI5tEXAMPLE',
    SMS_ALIYUN_ACCESS_KEY_SECRET: secrets.aliyun,
    SMS_ALIYUN_SIGN_NAME: "阿里云【测试】 a+b*c~d'(e)!",
    SMS_ALIYUN_TEMPLATE_CODE: 'SMS_154950909',
    SMS_ALIYUN_BASE_URL: stub.url,
    ...environment,
  };
  return { ...providerOf(t, environmentOfAll, nonces), stub, sent: stub.sent };
}

export async function webhookSubject(
  t: Test,
  { environment = {}, secret = secrets.webhook }: { environment?: Environment; secret?: string } = {},
) {
  const stub = await startWebhookStub(t, { secret });
  const made = providerOf(t, {
    SMS_PROVIDER: 'webhook',
    SMS_WEBHOOK_URL: `${stub.url}/sms?from=vestibule`,
    SMS_WEBHOOK_SECRET: secrets.webhook,
    ...environment,
  });
  return { ...made, stub, sent: stub.sent };
}

/** All that speak HTTP, for what holds for each of them. */
export const subjects = { tencent: tencentSubject, aliyun: aliyunSubject, webhook: webhookSubject };
