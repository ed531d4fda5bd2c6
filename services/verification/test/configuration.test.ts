import { SettingError } from '@vestibule/shared/config';
import t from 'tap';
import { readVerificationSettings } from '../src/config.ts';

const production = {
  NODE_ENV: 'production',
  KEYS_SECRET: 'a secret of at least 32 characters',
  SMS_PROVIDER: 'webhook',
  SMS_WEBHOOK_URL: 'https://sms.example.com/',
  SMS_WEBHOOK_SECRET: 'the secret of the webhook',
};

/** The line that the operator sees. */
function refusal(environment: Record<string, string>): string {
  try {
    readVerificationSettings(environment);
    return 'none';
  } catch (error) {
    if (error instanceof SettingError) return error.message;
    throw error;
  }
}

t.test('without settings the documented limits hold, and development is on', async (t) => {
  t.match(readVerificationSettings({}), {
    CAPTCHA_TTL: 300,
    CAPTCHA_PER_MINUTE: 60,
    SMS_ENABLED: true,
    SMS_PER_PHONE: '1/60,5/3600,10/86400',
    SMS_PER_ADDRESS: '20/3600',
    SMS_DAILY_BUDGET: 10_000,
    SMS_BUDGET_WARNING: 80,
    SMS_CODE_TTL: 300,
    SMS_CODE_TRIES: 5,
    SMS_PROVIDER: 'inbox',
    TIME_ZONE: 'Asia/Shanghai',
    LIMITS: 'on',
    DEV_ROUTES: 'on',
  });
});

t.test('production starts with a secret and a provider, and shows no captchas and codes', async (t) => {
  t.match(readVerificationSettings(production), { LIMITS: 'on', DEV_ROUTES: 'off' });
  t.match(readVerificationSettings({ ...production, DEV_ROUTES: 'off' }), { DEV_ROUTES: 'off' });
});

t.test(
  'production refuses development routes, missing limits, missing and weak secrets, and the inbox',
  async (t) => {
    t.match(refusal({ ...production, DEV_ROUTES: 'on' }), /^DEV_ROUTES is not valid: [^\n]+$/);
    t.match(refusal({ ...production, LIMITS: 'off' }), /^LIMITS is not valid: [^\n]+$/);
    t.match(refusal({ ...production, KEYS_SECRET: '' }), /^KEYS_SECRET is not set: [^\n]+$/);
    t.match(refusal({ ...production, KEYS_SECRET: 'k'.repeat(32) }), /^KEYS_SECRET is not valid: [^\n]+$/);
    t.match(
      refusal({ ...production, SMS_WEBHOOK_SECRET: 'secret' }),
      /^SMS_WEBHOOK_SECRET is not valid: [^\n]+$/,
    );
    t.match(refusal({ ...production, SMS_PROVIDER: 'inbox' }), /^SMS_PROVIDER is not valid: [^\n]+$/);
  },
);

t.test('production without the medicine document needs no SMS provider', async (t) => {
  const { NODE_ENV, KEYS_SECRET } = production;
  t.equal(refusal({ NODE_ENV, KEYS_SECRET, DIALECTS: 'charity, openid' }), 'none');
  t.match(refusal({ NODE_ENV, KEYS_SECRET, DIALECTS: 'charity, medicine' }), /^SMS_PROVIDER is not valid/);
});

t.test('a wrong setting is named, its value is not', async (t) => {
  const wrong = {
    KEYS_SECRET: 'too short',
    CAPTCHA_TTL: '0',
    CAPTCHA_PER_MINUTE: 'many',
    SMS_ENABLED: 'perhaps',
    SMS_PER_PHONE: '1/60,',
    SMS_PER_ADDRESS: '0/3600',
    SMS_DAILY_BUDGET: '-1',
    SMS_BUDGET_WARNING: '101',
    SMS_CODE_TRIES: 'five',
    TIME_ZONE: 'Shanghai/Asia',
    LIMITS: 'maybe',
    DEV_ROUTES: 'maybe',
  };
  for (const [name, value] of Object.entries(wrong)) {
    const line = refusal({ [name]: value });
    t.match(line, new RegExp(`^${name} is not valid: `));
    t.notMatch(line.slice(name.length + ' is not valid: '.length), `: ${value}`);
  }
});
