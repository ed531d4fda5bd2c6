import { standardSecondTryMs } from './bus/caller.ts';
import {
  FormatRegistry,
  type Static,
  type TObject,
  type TProperties,
  type TSchema,
  Type,
  Value,
} from './schema.ts';

/** A setting that is wrong: its message is the one line that the operator sees. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}

/** The variables of a process, as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Text as the schema wants it; what does not read as such stays text, and is then found wrong. */
function convert({ type }: TSchema, text: string): unknown {
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}

/**
 * Reads settings from environment variables: one property per variable, under the variable's own name.
 * Text becomes an integer or boolean where the schema wants one, defaults are filled in, an empty variable
 * counts as absent. A wrong one throws a SettingError whose message names it and says what it should be,
 * without repeating its value.
 */
export function readConfig<P extends TProperties>(
  schema: TObject<P>,
  environment: Environment,
): Static<TObject<P>> {
  const settings: Record<string, unknown> = {};
  for (const [name, property] of Object.entries<TSchema>(schema.properties)) {
    const text = environment[name];
    if (text !== undefined && text !== '') settings[name] = convert(property, text);
  }
  const filled = Value.Default(schema, settings);
  const [wrong] = Value.Errors(schema, filled);
  if (wrong) {
    const name = wrong.path.slice(1);
    const rule = schema.properties[name]?.description ?? wrong.message;
    throw new SettingError(`${name} is ${name in settings ? 'not valid' : 'not set'}: ${rule}`);
  }
  return filled as Static<TObject<P>>;
}

/** Throws a SettingError, with what the setting should be, when an optional one that is needed here is absent. */
export function insistOn<P extends TProperties>(
  schema: TObject<P>,
  settings: Readonly<Partial<Record<keyof P, unknown>>>,
  name: keyof P & string,
): void {
  if (settings[name] !== undefined) return;
  throw new SettingError(`${name} is not set: ${schema.properties[name]?.description ?? 'it is needed'}`);
}

/** One URL, or several with commas between: NATS takes a list. */
const urlsFormat = 'vestibule-urls';
FormatRegistry.Set(
  urlsFormat,
  (text) => URL.canParse(text) || text.split(',').every((url) => URL.canParse(url)),
);

const Url = (protocols: string, description: string) =>
  Type.Optional(
    Type.String({ told: 'origin', pattern: `^(${protocols})://\\S+$`, format: urlsFormat, description }),
  );

/**
 * Settings that every process has; gateway and services add their own. Text with `told: 'whole'` stands as it is in the
 * audit log, of a URL with `told: 'origin'` where it leads; all other text is a secret, see setting-texts.ts.
 */
export const CommonSettings = Type.Object({
  NODE_ENV: Type.Union([Type.Literal('production'), Type.Literal('development'), Type.Literal('test')], {
    default: 'development',
    description: '`production` or `development`: which defaults hold, and what is refused',
  }),
  DATABASE_URL: Url('postgres|postgresql', 'a `postgres://` URL; absent: embedded, under `DATA_DIR`'),
  NATS_URL: Url('nats|tls', 'a `nats://` URL; absent: calls stay in the process'),
  REDIS_URL: Url('redis|rediss', 'a `redis://` URL; absent: short-lived data stay in the process'),
  NAMESPACE: Type.String({
    told: 'whole',
    pattern: '^[a-z][a-z0-9-]{0,30}$',
    default: 'vestibule',
    description:
      'put before NATS subjects and Redis keys, so that several platforms can share the servers; up to 31 of `a-z0-9-`, the first a letter',
  }),
  DATA_DIR: Type.String({ told: 'whole', default: './data', description: 'folder of the embedded database' }),
  HOST: Type.String({ told: 'whole', default: '127.0.0.1', description: 'address to listen on' }),
  OPS_PORT: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description: 'port of health and metrics; 0 takes a free one, at most 65535',
    }),
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: Url(
    'http|https',
    'a `http://` URL of an OpenTelemetry collector, which gets traces; absent: nothing is traced',
  ),
  OTEL_TRACES_SAMPLER: Type.Union(
    ['always_on', 'always_off', 'traceidratio'].flatMap((sampler) => [
      Type.Literal(`parentbased_${sampler}`),
      Type.Literal(sampler),
    ]),
    {
      default: 'parentbased_always_on',
      description:
        'which requests are traced: `always_on`, `always_off` or `traceidratio`, or one of these after `parentbased_`, which asks the client first',
    },
  ),
  OTEL_TRACES_SAMPLER_ARG: Type.String({
    told: 'whole',
    pattern: '^(0|1|0?\\.[0-9]{1,9}|1\\.0+)$',
    default: '1',
    description: 'the part of requests that `traceidratio` traces; 0 to 1',
  }),
  LOG_LEVEL: Type.Union(
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].map((level) => Type.Literal(level)),
    { default: 'info', description: 'one of fatal, error, warn, info, debug, trace, silent' },
  ),
  STORE_TIMEOUT_MS: Type.Integer({
    minimum: 10,
    maximum: 250,
    default: 150,
    description: 'milliseconds that an operation of the store may take; 10 to 250',
  }),
  BUS_SECOND_TRY_MS: Type.Integer({
    minimum: 10,
    maximum: 60_000,
    default: standardSecondTryMs,
    description:
      'milliseconds without an answer after which another replica is asked, where asking twice does no harm; 10 to 60000',
  }),
  DATABASE_TIMEOUT_MS: Type.Integer({
    minimum: 100,
    maximum: 60_000,
    default: 3000,
    description: 'milliseconds that a connect, a query or a lock of the database may take; 100 to 60000',
  }),
  OUTBOX_POLL_MS: Type.Integer({
    minimum: 10,
    maximum: 60_000,
    default: 1000,
    description: 'milliseconds between two looks for events that wait to be published; 10 to 60000',
  }),
  EVENTS_REPLICAS: Type.Integer({
    minimum: 1,
    maximum: 5,
    default: 1,
    description:
      'servers of a NATS cluster that keep each event, when the stream of events is made; later `nats stream edit` changes it; 1 to 5',
  }),
  DATABASE_POOL: Type.Integer({
    minimum: 1,
    maximum: 100,
    default: 10,
    description: 'connections to Postgres that one process opens at most; 1 to 100',
  }),
});
export type CommonSettings = Static<typeof CommonSettings>;
