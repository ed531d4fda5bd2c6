import {
  CommonSettings,
  type Environment,
  insistOn,
  readConfig,
  SettingError,
} from '@vestibule/shared/config';
import { type Static, Type } from '@vestibule/shared/schema';
import { KeysSecret } from '@vestibule/shared/secret';
import { type WeChatApp, wechatApps } from './wechat-apps.ts';

const Count = (description: string, { by, max }: { by: number; max: number }) =>
  Type.Integer({ minimum: 1, maximum: max, default: by, description });

/** One or several, with commas between. */
const List = (longest: number, description: string, told?: 'whole') =>
  Type.String({
    ...(told && { told }),
    pattern: `^ *[^\\s,]{1,${longest}} *(, *[^\\s,]{1,${longest}} *)*$`,
    maxLength: 8192,
    description,
  });

/** Settings of the auth service, besides those that every process has. */
export const AuthSettings = Type.Object({
  ...Type.Pick(CommonSettings, ['OUTBOX_POLL_MS']).properties,
  SESSION_TTL: Type.Integer({
    minimum: 60,
    maximum: 31_536_000,
    default: 604_800,
    description: 'seconds that a session and its token live; 60 to 31536000',
  }),
  KEYS_SECRET: KeysSecret(
    'the same for all replicas and for good: encrypts the signing keys in the database, seals the WeChat sessions in the store, and keys the hashes under which they lie and wrong passwords are counted; required in production',
  ),
  KEY_ROTATION_DAYS: Count('days after which tokens are signed with a new key; 1 to 365', {
    by: 30,
    max: 365,
  }),
  HASH_CONCURRENCY: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 256,
      description: 'passwords that are hashed at the same time; absent: one per core',
    }),
  ),
  HASH_QUEUE: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 100_000,
      description:
        'passwords that may wait to be hashed; absent: 256 times HASH_CONCURRENCY. The rest is refused, and what would wait for most of the time that is left for its answer',
    }),
  ),
  PASSWORD_POLICY: Type.Optional(
    Type.Union([Type.Literal('documented'), Type.Literal('strong')], {
      description:
        '`documented` (1 to 128 characters; the default in development) or `strong` (at least 8 characters and none of the commonest; the default in production)',
    }),
  ),
  ADMIN_REGISTRATION: Type.Optional(
    Type.Union([Type.Literal('open'), Type.Literal('closed')], {
      description:
        'who may register with the role admin or repair: `open`, anybody (the default in development), or `closed`, admins alone (the default in production)',
    }),
  ),
  ADMIN_NICKNAME: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'nickname of an admin that is made at start unless an account has it; with ADMIN_PASSWORD',
    }),
  ),
  ADMIN_PASSWORD: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      description:
        'password of that admin; PASSWORD_POLICY holds for it, and for both what the login of the accounts document takes, where DIALECTS has it',
    }),
  ),
  LIMITS: Type.Union([Type.Literal('on'), Type.Literal('off')], {
    default: 'on',
    description:
      '`off`, which production refuses, stops counting what is counted per time, wrong passwords too',
  }),
  GUESS_PAIR_LIMIT: Count('wrong passwords for one account from one address that lock this pair', {
    by: 10,
    max: 1_000_000,
  }),
  GUESS_PAIR_WINDOW: Count('seconds in which they are counted, from the first one on', {
    by: 900,
    max: 2_592_000,
  }),
  GUESS_ADDRESS_LIMIT: Count('wrong passwords from one address that lock it', { by: 100, max: 1_000_000 }),
  GUESS_ADDRESS_WINDOW: Count('seconds in which they are counted, from the first one on', {
    by: 900,
    max: 2_592_000,
  }),
  GUESS_ACCOUNT_LIMIT: Count(
    'wrong passwords for one account that lock it for addresses it was never signed in from',
    { by: 100, max: 1_000_000 },
  ),
  GUESS_ACCOUNT_WINDOW: Count('seconds in which they are counted, from the first one on', {
    by: 86_400,
    max: 2_592_000,
  }),
  KNOWN_ADDRESS_DAYS: Count('days for which an address that an account was signed in from is remembered', {
    by: 180,
    max: 3650,
  }),
  DIALECTS: Type.Optional(
    Type.String({
      told: 'whole',
      description: 'the documents that the gateway serves; repair and openid need WeChat',
    }),
  ),
  WECHAT_APPID: Type.Optional(
    List(
      128,
      'id of the WeChat mini-program, or the ids of several with commas between, the default one first; required in production where DIALECTS has repair or openid',
      'whole',
    ),
  ),
  WECHAT_SECRET: Type.Optional(
    List(
      256,
      'secret of the mini-program, or one for each id in their order; required where WECHAT_APPID is',
    ),
  ),
  WECHAT_API_BASE: Type.String({
    told: 'origin',
    pattern: '^https?://\\S+$',
    default: 'https://api.weixin.qq.com',
    description: 'where WeChat answers; in development the stand-in under /dev/wechat',
  }),
  WECHAT_TIMEOUT_MS: Type.Integer({
    minimum: 50,
    maximum: 10_000,
    default: 2000,
    description: 'milliseconds that a caller waits for WeChat; 50 to 10000',
  }),
  WECHAT_EXCHANGE_MS: Type.Integer({
    minimum: 50,
    maximum: 60_000,
    default: 10_000,
    description:
      'milliseconds that the exchange of a code may last, which goes on when its caller waits no more, so that a repeat of the code is answered; 50 to 60000',
  }),
  WECHAT_KEEP_SECONDS: Count(
    'seconds for which what such an exchange brought is kept, sealed, for the first repeat; 1 to 300',
    { by: 60, max: 300 },
  ),
  WECHAT_CONCURRENCY: Count('exchanges of codes under way at once in a process; 1 to 10000', {
    by: 256,
    max: 10_000,
  }),
  UPKEEP_INTERVAL: Type.Integer({
    minimum: 1,
    maximum: 3600,
    default: 60,
    description: 'seconds between two removals of expired rows and checks of the signing key; 1 to 3600',
  }),
});

/** What the service runs with: no setting is left open that depends on NODE_ENV. */
export type AuthSettings = Static<typeof AuthSettings> & {
  PASSWORD_POLICY: 'documented' | 'strong';
  ADMIN_REGISTRATION: 'open' | 'closed';
  /** WECHAT_APPID and WECHAT_SECRET in pairs, the default one first. */
  wechatApps: readonly WeChatApp[];
};

/** Dialects in which WeChat's codes are traded. */
const codeDialects = ['repair', 'openid'];

/**
 * Reads the settings, fills in what depends on NODE_ENV, and refuses with a SettingError what production must
 * not run with.
 */
export function readAuthSettings(environment: Environment): AuthSettings {
  const { NODE_ENV } = readConfig(Type.Pick(CommonSettings, ['NODE_ENV']), environment);
  const production = NODE_ENV === 'production';
  const settings = readConfig(AuthSettings, environment);
  if (settings.ADMIN_NICKNAME !== undefined) insistOn(AuthSettings, settings, 'ADMIN_PASSWORD');
  if (settings.ADMIN_PASSWORD !== undefined) insistOn(AuthSettings, settings, 'ADMIN_NICKNAME');
  if (settings.WECHAT_APPID !== undefined) insistOn(AuthSettings, settings, 'WECHAT_SECRET');
  if (settings.WECHAT_SECRET !== undefined) insistOn(AuthSettings, settings, 'WECHAT_APPID');
  if (production) {
    insistOn(AuthSettings, settings, 'KEYS_SECRET');
    if (settings.LIMITS === 'off') throw new SettingError('LIMITS is not valid: production needs `on`');
    const dialects = settings.DIALECTS?.split(',').map((dialect) => dialect.trim()) ?? codeDialects;
    if (dialects.some((dialect) => codeDialects.includes(dialect))) {
      insistOn(AuthSettings, settings, 'WECHAT_APPID');
      insistOn(AuthSettings, settings, 'WECHAT_SECRET');
    }
  }
  return {
    ...settings,
    PASSWORD_POLICY: settings.PASSWORD_POLICY ?? (production ? 'strong' : 'documented'),
    ADMIN_REGISTRATION: settings.ADMIN_REGISTRATION ?? (production ? 'closed' : 'open'),
    wechatApps: wechatApps(settings.WECHAT_APPID, settings.WECHAT_SECRET),
  };
}
