import { SettingError } from '@vestibule/shared/config';
import { type Static, type TObject, Type, Value } from '@vestibule/shared/schema';
import { isVaried, variedRule } from '@vestibule/shared/secret';

/** What goes into HTTP headers, or is a key, is visible ASCII. */
const Word = (description: string, more = {}) => Type.String({ pattern: '^[!-~]+$', description, ...more });
const Name = (description: string) => Type.String({ told: 'whole', minLength: 1, description });
/** Providers are called at `/`. */
const Origin = (base: string, what: string) =>
  Type.String({
    told: 'origin',
    pattern: '^https?://[^\\s/?#@]+/?$',
    default: base,
    description: `where ${what} is: an \`https://\` URL without a path`,
  });

export const TencentSettings = Type.Object({
  SMS_TENCENT_SECRET_ID: Word('id of the Tencent Cloud API key'),
  SMS_TENCENT_SECRET_KEY: Word('the Tencent Cloud API key itself'),
  SMS_TENCENT_SDK_APP_ID: Word("Tencent's `SmsSdkAppId` of the SMS application", { told: 'whole' }),
  SMS_TENCENT_SIGN_NAME: Name('the approved signature at Tencent, without 【】'),
  SMS_TENCENT_TEMPLATE_ID: Word('the approved template at Tencent', { told: 'whole' }),
  SMS_TENCENT_TEMPLATE_PARAMS: Type.String({
    told: 'whole',
    pattern: '^(code|minutes)(,(code|minutes))*$',
    default: 'code,minutes',
    description: "what the template's {1}, {2} … stand for: `code` and `minutes`, with commas between",
  }),
  SMS_TENCENT_REGION: Type.String({
    told: 'whole',
    pattern: '^[a-z0-9-]+$',
    default: 'ap-guangzhou',
    description: 'region that Tencent sends from',
  }),
  SMS_TENCENT_BASE_URL: Origin('https://sms.tencentcloudapi.com', "Tencent's SMS API"),
});
export type TencentSettings = Static<typeof TencentSettings>;

export const AliyunSettings = Type.Object({
  SMS_ALIYUN_ACCESS_KEY_ID: Word('id of the Aliyun access key'),
  SMS_ALIYUN_ACCESS_KEY_SECRET: Word('the Aliyun access key itself'),
  SMS_ALIYUN_SIGN_NAME: Name('the approved signature at Aliyun, without 【】'),
  SMS_ALIYUN_TEMPLATE_CODE: Word('the approved template at Aliyun, e.g. `SMS_123456789`', { told: 'whole' }),
  SMS_ALIYUN_TEMPLATE_VARIABLE: Type.String({
    told: 'whole',
    pattern: '^[A-Za-z][A-Za-z0-9_]*$',
    default: 'code',
    description: "name of the template's one variable, which gets the code",
  }),
  SMS_ALIYUN_BASE_URL: Origin('https://dysmsapi.aliyuncs.com', "Aliyun's SMS API"),
});
export type AliyunSettings = Static<typeof AliyunSettings>;

/** Characters of SMS_WEBHOOK_SECRET in production. */
const fewestOfWebhook = 16;
const isStrong = (secret: string) => secret.length >= fewestOfWebhook && isVaried(secret);

export const WebhookSettings = Type.Object({
  SMS_WEBHOOK_URL: Type.String({
    told: 'origin',
    pattern: '^https?://[^\\s/?#@]+([/?#]\\S*)?$',
    description: 'URL that gets each SMS by POST, and answers 2xx when it took it',
  }),
  SMS_WEBHOOK_SECRET: Type.Optional(
    Type.String({
      minLength: 1,
      description: `key of the HMAC-SHA256 in the header \`x-signature\`; production requires it, with at least ${fewestOfWebhook} random characters (${variedRule})`,
    }),
  ),
});
export type WebhookSettings = Static<typeof WebhookSettings>;

/** Settings of the SMS providers: which one, and what each needs; only the chosen one's are required. */
export const ProviderSettings = Type.Object({
  SMS_PROVIDER: Type.Union(
    [Type.Literal('tencent'), Type.Literal('aliyun'), Type.Literal('webhook'), Type.Literal('inbox')],
    {
      default: 'inbox',
      description:
        'who carries SMS: `tencent`, `aliyun`, `webhook` or `inbox` (development: `GET /dev/sms/:phone` shows them)',
    },
  ),
  SMS_TIMEOUT_MS: Type.Integer({
    minimum: 100,
    maximum: 30_000,
    default: 2000,
    description: 'milliseconds that a provider may take for its whole answer',
  }),
  ...Type.Partial(TencentSettings).properties,
  ...Type.Partial(AliyunSettings).properties,
  ...Type.Partial(WebhookSettings).properties,
});
export type ProviderSettings = Static<typeof ProviderSettings>;

const required = {
  tencent: TencentSettings,
  aliyun: AliyunSettings,
  webhook: WebhookSettings,
  inbox: Type.Object({}),
} satisfies Record<ProviderSettings['SMS_PROVIDER'], TObject>;

/** The settings as those of one provider, all there; throws a SettingError that names what is not. */
export function completeSettings<S extends TObject>(schema: S, settings: ProviderSettings): Static<S> {
  const provider = settings.SMS_PROVIDER;
  if (Value.Check(schema, settings)) return settings;
  const names = new Set([...Value.Errors(schema, settings)].map(({ path }) => path.slice(1)));
  throw new SettingError(`SMS_PROVIDER=${provider} needs what is not set: ${[...names].join(', ')}`);
}

/** Throws a SettingError, one line for the operator, unless the chosen provider can work with the settings. */
export function checkProviderSettings(settings: ProviderSettings, production: boolean): void {
  const { SMS_PROVIDER: provider } = settings;
  if (production && provider === 'inbox') {
    throw new SettingError(
      'SMS_PROVIDER is not valid: inbox is for development; production takes tencent, aliyun or webhook',
    );
  }
  const schema = required[provider];
  completeSettings(production ? Type.Required(schema) : schema, settings);
  if (production && provider === 'webhook' && !isStrong(settings.SMS_WEBHOOK_SECRET ?? '')) {
    throw new SettingError(
      `SMS_WEBHOOK_SECRET is not valid: ${WebhookSettings.properties.SMS_WEBHOOK_SECRET.description}`,
    );
  }
  const { SMS_TENCENT_BASE_URL, SMS_ALIYUN_BASE_URL, SMS_WEBHOOK_URL } = settings;
  const urls = { SMS_TENCENT_BASE_URL, SMS_ALIYUN_BASE_URL, SMS_WEBHOOK_URL };
  for (const [name, url] of Object.entries(urls)) {
    if (url !== undefined && !URL.canParse(url)) throw new SettingError(`${name} is not valid: not a URL`);
  }
}
