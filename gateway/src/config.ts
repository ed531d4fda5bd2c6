import { isIP } from 'node:net';
import { CommonSettings, type Environment, readConfig, SettingError } from '@vestibule/shared/config';
import { FormatRegistry, type Static, Type } from '@vestibule/shared/schema';
import { timeZoneFormat } from '@vestibule/shared/time-zone';
import { dialectNames } from './dialects/names.ts';

/** The entries of a setting that is a list with commas between; none when it is empty. */
export const listed = (text: string): string[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text;

function isProxy(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128);
}

FormatRegistry.Set('vestibule-origins', (text) => listed(text).every(isOrigin));
FormatRegistry.Set('vestibule-proxies', (text) => listed(text).every(isProxy));

const name = `(${dialectNames.join('|')})`;
const Switch = (options: object) => Type.Union([Type.Literal('on'), Type.Literal('off')], options);
const Milliseconds = (standard: number, minimum: number, maximum: number, what: string) =>
  Type.Integer({
    minimum,
    maximum,
    default: standard,
    description: `milliseconds ${what}; ${minimum} to ${maximum}`,
  });
const Bytes = (standard: number, what: string) =>
  Type.Integer({
    minimum: 1024,
    maximum: 16_777_216,
    default: standard,
    description: `bytes ${what}; 1024 to 16777216`,
  });

/** Settings of the gateway, besides those that every process has. */
export const GatewaySettings = Type.Object({
  PORT: Type.Integer({
    minimum: 0,
    maximum: 65_535,
    default: 3000,
    description: 'port of the documented APIs; 0 takes a free one',
  }),
  DIALECTS: Type.String({
    told: 'whole',
    pattern: `^ *${name} *(, *${name} *)*$`,
    default: dialectNames.join(','),
    description: `which documents are served: some of ${dialectNames.join(', ')}, with commas between`,
  }),
  TIME_ZONE: Type.String({
    told: 'whole',
    format: timeZoneFormat,
    default: 'Asia/Shanghai',
    description: 'time zone of the times in answers, by its IANA name',
  }),
  BODY_LIMIT: Bytes(65_536, 'that a JSON or form body may have'),
  MULTIPART_LIMIT: Bytes(262_144, 'that a multipart body may have'),
  REQUEST_DEADLINE_MS: Milliseconds(5000, 100, 60_000, 'in which a request is answered once it has arrived'),
  RECEIVE_TIMEOUT_MS: Milliseconds(10_000, 1000, 300_000, 'that a request may take to arrive whole'),
  KEEP_ALIVE_MS: Milliseconds(72_000, 1000, 600_000, 'that an idle connection is kept open'),
  DRAIN_MS: Milliseconds(
    250,
    0,
    5000,
    'for which a gateway that is told to end goes on answering, unready, so that the proxy in front notices; longer than it takes to look twice',
  ),
  KEYS_PAUSE_MS: Milliseconds(
    1000,
    1,
    60_000,
    'between two questions for the keys that tokens are signed with',
  ),
  KEYS_FRESH_MS: Milliseconds(300_000, 1000, 86_400_000, 'after which known keys are asked for again'),
  MAX_CONNECTIONS: Type.Integer({
    minimum: 1,
    maximum: 1_000_000,
    default: 10_000,
    description: 'connections open at once; more are refused',
  }),
  MAX_LOOP_DELAY_MS: Milliseconds(
    1000,
    10,
    60_000,
    'that the event loop may be late on an average; beyond it requests are refused at once',
  ),
  PASSWORD_PAUSE_MS: Milliseconds(
    250,
    0,
    5000,
    'for which what takes a password is refused at once after auth had no room for one more',
  ),
  LOOP_SAMPLE_MS: Milliseconds(2500, 10, 60_000, 'over which that average is taken'),
  ALLOWED_ORIGINS: Type.String({
    told: 'whole',
    format: 'vestibule-origins',
    default: '',
    description:
      "origins besides the gateway's own whose pages may sign in for the cookie and change things with it, like `https://www.example.com`, with commas between",
  }),
  TRUSTED_PROXIES: Type.String({
    told: 'whole',
    format: 'vestibule-proxies',
    default: '',
    description:
      'proxies whose `X-Forwarded-*` is believed: addresses, CIDR ranges, `loopback`, `linklocal`, `uniquelocal`, with commas between',
  }),
  OPENID_BINDING: Type.Union([Type.Literal('off'), Type.Literal('token')], {
    default: 'off',
    description:
      '`token`: each operation of the openid document needs the token of its openid (recommended for production); `off`: as documented, whoever knows an openid may use it',
  }),
  OPENID_RATE: Type.Integer({
    minimum: 1,
    maximum: 1_000_000,
    default: 120,
    description: "requests of the openid document's operations, together, that one address has in a window",
  }),
  OPENID_RATE_WINDOW_MS: Milliseconds(60_000, 1000, 3_600_000, 'of the window of `OPENID_RATE`'),
  REVEAL_UNKNOWN_ACCOUNTS: Type.Boolean({
    default: false,
    description:
      "`true`: medicine's login tells a phone that nobody registered (4104) from a wrong password (4106); `false`: both are 4106",
  }),
  SIGNUP_RATE: Type.Integer({
    minimum: 1,
    maximum: 1_000_000,
    default: 10,
    description: 'sign-ups of the accounts document that one address has in a window',
  }),
  SIGNUP_RATE_WINDOW_MS: Milliseconds(3_600_000, 1000, 86_400_000, 'of the window of `SIGNUP_RATE`'),
  REGISTER_RATE: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      description:
        'registrations of the charity and the repair document, together, that one address has in a window; absent: 1000 in production, else 20000',
    }),
  ),
  REGISTER_RATE_WINDOW_MS: Milliseconds(3_600_000, 1000, 86_400_000, 'of the window of `REGISTER_RATE`'),
  LIMITS: Switch({
    default: 'on',
    description: '`off`: nothing is counted per time, for load tests; refused in production',
  }),
  WECHAT_APPID: Type.String({
    told: 'whole',
    default: '',
    description:
      'as auth has it: the stand-in under `/dev` encrypts for the first of these mini-programs; absent: for `development`',
  }),
  DEV_ROUTES: Type.Optional(
    Switch({
      description:
        '`on`: stand-ins under `/dev`, the default outside of production and refused there; `off`: none',
    }),
  ),
});
export type GatewaySettings = Static<typeof GatewaySettings>;

/** What the gateway is built with: its own settings, and in which profile it runs. */
export type GatewayProfile = GatewaySettings & Pick<CommonSettings, 'NODE_ENV'> & { REGISTER_RATE: number };

/** Reads the settings; throws a SettingError for a wrong one, and for what production must not run with. */
export function readGatewaySettings(environment: Environment): GatewayProfile {
  const settings = readConfig(GatewaySettings, environment);
  const { NODE_ENV } = readConfig(Type.Pick(CommonSettings, ['NODE_ENV']), environment);
  if (NODE_ENV === 'production') {
    if (settings.DEV_ROUTES === 'on') {
      throw new SettingError('DEV_ROUTES is not valid: production has no routes under /dev');
    }
    if (settings.LIMITS === 'off') throw new SettingError('LIMITS is not valid: production needs `on`');
  }
  const registerRate = NODE_ENV === 'production' ? 1000 : 20_000;
  return { ...settings, NODE_ENV, REGISTER_RATE: settings.REGISTER_RATE ?? registerRate };
}

/** Whether the stand-ins under `/dev` are served. */
export const servesDevRoutes = ({ NODE_ENV, DEV_ROUTES }: GatewayProfile): boolean =>
  NODE_ENV !== 'production' && DEV_ROUTES !== 'off';
