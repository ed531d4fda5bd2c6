import {
  CommonSettings,
  type Environment,
  insistOn,
  readConfig,
  SettingError,
} from '@vestibule/shared/config';
import { type Static, Type } from '@vestibule/shared/schema';
import { KeysSecret } from '@vestibule/shared/secret';
import { timeZoneFormat } from '@vestibule/shared/time-zone';
import { checkProviderSettings, ProviderSettings } from './providers/config.ts';

const Switch = (description: string, standard?: 'on' | 'off') =>
  Type.Union([Type.Literal('on'), Type.Literal('off')], {
    description,
    ...(standard && { default: standard }),
  });
const Count = (standard: number, maximum: number, description: string) =>
  Type.Integer({ minimum: 1, maximum, default: standard, description: `${description}; 1 to ${maximum}` });
const day = 86_400;

/** Limits over one or more windows, as an operator writes them. */
const Limits = (standard: string, what: string) =>
  Type.String({
    told: 'whole',
    pattern: '^[1-9][0-9]{0,6}/[1-9][0-9]{0,6}(,[1-9][0-9]{0,6}/[1-9][0-9]{0,6})*$',
    default: standard,
    description: `${what}: how many in how many seconds, like \`5/3600\`, with commas between several`,
  });

/** Settings of the verification service and its SMS provider, besides those that every process has. */
export const VerificationSettings = Type.Object({
  KEYS_SECRET: KeysSecret(
    'the same for all replicas: the key under which captchas, codes and phones stand in the store; required in production',
  ),
  CAPTCHA_TTL: Count(300, day, 'seconds that a captcha is good for'),
  CAPTCHA_PER_MINUTE: Count(60, 1_000_000, 'captchas a minute that one address is drawn'),
  CAPTCHA_CONCURRENCY: Count(2, 64, 'captchas that are drawn at the same time'),
  CAPTCHA_QUEUE: Count(200, 10_000, 'captchas that may wait to be drawn, the rest is refused'),
  SMS_ENABLED: Type.Boolean({ default: true, description: 'whether SMS are sent at all; `true` or `false`' }),
  SMS_PER_PHONE: Limits('1/60,5/3600,10/86400', 'SMS to one phone'),
  SMS_PER_ADDRESS: Limits('20/3600', 'SMS asked for from one address'),
  SMS_DAILY_BUDGET: Count(10_000, 100_000_000, 'SMS on one day of `TIME_ZONE`, all together'),
  SMS_BUDGET_WARNING: Count(80, 100, 'percent of `SMS_DAILY_BUDGET` at which the log warns'),
  SMS_PREFIX_ALARM: Count(
    200,
    100_000_000,
    'SMS an hour to phones with the same first 7 digits beyond which the log warns; none is refused',
  ),
  SMS_CODE_TTL: Count(300, day, 'seconds that an SMS code is good for'),
  SMS_CODE_TRIES: Count(5, 100, 'wrong tries that use an SMS code up'),
  TIME_ZONE: Type.String({
    told: 'whole',
    format: timeZoneFormat,
    default: 'Asia/Shanghai',
    description: 'time zone whose midnight begins a new day of `SMS_DAILY_BUDGET`, by its IANA name',
  }),
  LIMITS: Switch('`off`: nothing is counted per time, for load tests; refused in production', 'on'),
  DEV_ROUTES: Type.Optional(
    Switch(
      '`on`: captchas and codes can be asked for, the default outside of production and refused there; `off`: they cannot',
    ),
  ),
  DIALECTS: Type.Optional(
    Type.String({
      told: 'whole',
      description:
        'which documents the gateway serves; absent: all. Production needs an SMS provider where `medicine` is among them',
    }),
  ),
  ...ProviderSettings.properties,
});
export type VerificationSettings = Static<typeof VerificationSettings> & { DEV_ROUTES: 'on' | 'off' };

/** Whether anything that is served sends SMS. */
const sendsSms = ({ DIALECTS = 'medicine' }: Static<typeof VerificationSettings>) =>
  DIALECTS.split(',').some((dialect) => dialect.trim() === 'medicine');

/**
 * Reads the settings, fills in what depends on NODE_ENV, and refuses with a SettingError what production must
 * not run with.
 */
export function readVerificationSettings(environment: Environment): VerificationSettings {
  const { NODE_ENV } = readConfig(Type.Pick(CommonSettings, ['NODE_ENV']), environment);
  const settings = readConfig(VerificationSettings, environment);
  const production = NODE_ENV === 'production';
  checkProviderSettings(settings, production && sendsSms(settings));
  if (!production) return { ...settings, DEV_ROUTES: settings.DEV_ROUTES ?? 'on' };
  insistOn(VerificationSettings, settings, 'KEYS_SECRET');
  const { LIMITS, DEV_ROUTES = 'off' } = settings;
  if (LIMITS === 'off') throw new SettingError('LIMITS is not valid: production keeps its limits');
  if (DEV_ROUTES === 'on') throw new SettingError('DEV_ROUTES is not valid: production has no /dev routes');
  return { ...settings, DEV_ROUTES };
}
