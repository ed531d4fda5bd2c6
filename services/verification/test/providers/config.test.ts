import { type Environment, readConfig } from '@vestibule/shared/config';
import { createLogger } from '@vestibule/shared/logger';
import { memoryStore } from '@vestibule/shared/store/memory-store';
import t from 'tap';
import { checkProviderSettings, ProviderSettings } from '../../src/providers/config.ts';
import { createProvider } from '../../src/providers/index.ts';

const check = (environment: Environment, production: boolean) =>
  checkProviderSettings(readConfig(ProviderSettings, environment), production);
const tencent = {
  SMS_PROVIDER: 'tencent',
  SMS_TENCENT_SECRET_ID: 'AKID',
  SMS_TENCENT_SECRET_KEY: 'key',
  SMS_TENCENT_SDK_APP_ID: '1400006666',
  SMS_TENCENT_SIGN_NAME: '签名',
  SMS_TENCENT_TEMPLATE_ID: '1110',
};
const aliyun = {
  SMS_PROVIDER: 'aliyun',
  SMS_ALIYUN_ACCESS_KEY_ID: 'LTAI',
  SMS_ALIYUN_ACCESS_KEY_SECRET: 'key',
  SMS_ALIYUN_SIGN_NAME: '签名',
  SMS_ALIYUN_TEMPLATE_CODE: 'SMS_1',
};
const webhook = { SMS_PROVIDER: 'webhook', SMS_WEBHOOK_URL: 'https://sms.example.com/send?x=1' };

t.test('with nothing set, the inbox, 2 s and the real addresses', async (t) => {
  t.strictSame(readConfig(ProviderSettings, {}), {
    SMS_PROVIDER: 'inbox',
    SMS_TIMEOUT_MS: 2000,
    SMS_TENCENT_TEMPLATE_PARAMS: 'code,minutes',
    SMS_TENCENT_REGION: 'ap-guangzhou',
    SMS_TENCENT_BASE_URL: 'https://sms.tencentcloudapi.com',
    SMS_ALIYUN_TEMPLATE_VARIABLE: 'code',
    SMS_ALIYUN_BASE_URL: 'https://dysmsapi.aliyuncs.com',
  });
});

t.test('every setting says what it is', async (t) => {
  for (const [name, { description }] of Object.entries(ProviderSettings.properties)) {
    t.type(description, 'string', name);
  }
});

t.test('what is complete is let pass, in development and in production', async (t) => {
  t.doesNotThrow(() => check({}, false));
  for (const environment of [tencent, aliyun, { ...webhook, SMS_WEBHOOK_SECRET: 'sixteen letters.' }]) {
    t.doesNotThrow(() => check(environment, false));
    t.doesNotThrow(() => check(environment, true));
  }
  t.doesNotThrow(() => check(webhook, false), 'a webhook of development needs no secret');
});

t.test('production refuses a webhook whose secret could be guessed, in one line', async (t) => {
  for (const SMS_WEBHOOK_SECRET of ['secret', 'fifteen letters', 'k'.repeat(16), 'hook'.repeat(8)]) {
    const environment = { ...webhook, SMS_WEBHOOK_SECRET };
    t.throws(() => check(environment, true), {
      name: 'SettingError',
      message: /^SMS_WEBHOOK_SECRET is not valid: [^\n]+ at least 16 random characters [^\n]+$/,
    });
    t.doesNotThrow(() => check(environment, false));
  }
});

t.test('production refuses the inbox, chosen or by default, in one line', async (t) => {
  for (const environment of [{}, { SMS_PROVIDER: 'inbox' }, { ...tencent, SMS_PROVIDER: 'inbox' }]) {
    t.throws(() => check(environment, true), {
      name: 'SettingError',
      message:
        'SMS_PROVIDER is not valid: inbox is for development; production takes tencent, aliyun or webhook',
    });
  }
});

t.test('a chosen provider names each setting that it lacks', async (t) => {
  for (const production of [false, true]) {
    t.throws(() => check({ SMS_PROVIDER: 'tencent' }, production), {
      name: 'SettingError',
      message:
        'SMS_PROVIDER=tencent needs what is not set: SMS_TENCENT_SECRET_ID, SMS_TENCENT_SECRET_KEY, SMS_TENCENT_SDK_APP_ID, SMS_TENCENT_SIGN_NAME, SMS_TENCENT_TEMPLATE_ID',
    });
    t.throws(() => check({ ...aliyun, SMS_ALIYUN_ACCESS_KEY_SECRET: '' }, production), {
      message: 'SMS_PROVIDER=aliyun needs what is not set: SMS_ALIYUN_ACCESS_KEY_SECRET',
    });
  }
  t.throws(() => check({ SMS_PROVIDER: 'webhook' }, false), {
    message: 'SMS_PROVIDER=webhook needs what is not set: SMS_WEBHOOK_URL',
  });
  t.throws(() => check(webhook, true), {
    message: 'SMS_PROVIDER=webhook needs what is not set: SMS_WEBHOOK_SECRET',
  });
});

t.test('each setting that is required is missed when it alone is absent', async (t) => {
  for (const complete of [tencent, aliyun]) {
    for (const name of Object.keys(complete).filter((name) => name !== 'SMS_PROVIDER')) {
      t.throws(() => check({ ...complete, [name]: '' }, true), {
        message: `: ${name}`,
        name: 'SettingError',
      });
    }
  }
});

t.test('a provider is not made of settings that nobody has checked', async (t) => {
  const settings = readConfig(ProviderSettings, { SMS_PROVIDER: 'tencent' });
  const store = memoryStore({ clock: Date.now });
  t.teardown(() => store.close());
  const logger = createLogger({ level: 'silent', name: 'test' });
  t.throws(() => createProvider({ settings, store, logger, clock: Date.now }), { name: 'SettingError' });
});

t.test('a wrong setting is named, and its value is not repeated', async (t) => {
  for (const [name, value] of [
    ['SMS_PROVIDER', 'carrier-pigeon'],
    ['SMS_TIMEOUT_MS', '0'],
    ['SMS_TIMEOUT_MS', 'soon'],
    ['SMS_TENCENT_SECRET_KEY', 'line\nbreak'],
    ['SMS_TENCENT_TEMPLATE_PARAMS', 'code;minutes'],
    ['SMS_TENCENT_REGION', 'AP Guangzhou'],
    ['SMS_TENCENT_BASE_URL', 'sms.tencentcloudapi.com'],
    ['SMS_TENCENT_BASE_URL', 'https://sms.tencentcloudapi.com/v3'],
    ['SMS_ALIYUN_BASE_URL', 'https://user:canary@dysmsapi.aliyuncs.com'],
    ['SMS_ALIYUN_BASE_URL', 'https://dysmsapi.aliyuncs.com:canary'],
    ['SMS_WEBHOOK_URL', 'ftp://example.com'],
    ['SMS_WEBHOOK_URL', 'https://user:canary@example.com/'],
    ['SMS_WEBHOOK_URL', 'http://example.com:99999/canary'],
  ] as const) {
    t.throws(() => check({ ...webhook, [name]: value }, false), { name: 'SettingError', message: name });
    try {
      check({ ...webhook, [name]: value }, false);
    } catch (error) {
      t.notMatch(String(error), value, `${name} ${value}`);
    }
  }
});
