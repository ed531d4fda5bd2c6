// What the chart says beside the rest of the project. What it renders is checked by .ci/chart, which brings Helm.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuthSettings } from '@vestibule/auth/config';
import { GatewaySettings } from '@vestibule/gateway/config';
import { ProcessSettings } from '@vestibule/process/config';
import { CommonSettings } from '@vestibule/shared/config';
import { UserSettings } from '@vestibule/user/config';
import { VerificationSettings } from '@vestibule/verification/config';
import t from 'tap';
import { parse } from 'yaml';

const deploy = join(import.meta.dirname, '..', 'deploy');
const chart = join(deploy, 'helm', 'vestibule');
const read = (...path: string[]) => readFileSync(join(...path), 'utf8');

type Part = {
  resources: Record<'requests' | 'limits', { cpu: string; memory: string }>;
  autoscaling: { max: number };
  settings: Record<string, string>;
};
type Values = { parts: Record<string, Part> };
type Schema = {
  definitions: { settings: { propertyNames: { not: { pattern: string } } } };
  properties: {
    parts: { properties: Record<string, { properties: { secret: { properties: Record<string, object> } } }> };
  };
};
type Container = {
  environment: Record<string, string>;
  deploy: { resources: { limits: { cpus: string; memory: string } } };
};
type Compose = { services: Record<string, Container> };
// What is parsed here stands beside this file; a wrong shape fails the comparisons.
const values = parse(read(chart, 'values.yaml')) as Values;
const schema = JSON.parse(read(chart, 'values.schema.json')) as Schema;
const compose = parse(read(deploy, '..', 'docker-compose.yml'), { merge: true }) as Compose;

/** The value of a variable that compose may be given another one for: `${NAME:-value}`. */
const standard = (value = '') => value.replace(/^\$\{\w+:-(.+)\}$/, '$1');

const own = {
  gateway: GatewaySettings,
  auth: AuthSettings,
  user: UserSettings,
  verification: VerificationSettings,
  process: ProcessSettings,
};

t.test('each part has the memory and the cores that it has with compose', async (t) => {
  t.same(Object.keys(values.parts), Object.keys(own));
  for (const [part, { resources }] of Object.entries(values.parts)) {
    const { cpus = '', memory = '' } = compose.services[part]?.deploy.resources.limits ?? {};
    t.same(resources.limits, { cpu: standard(cpus), memory: memory.replace(/M$/, 'Mi') }, part);
    t.equal(resources.requests.memory, resources.limits.memory, `${part} is promised all of its memory`);
  }
});

t.test('what is secret in the settings of a part goes into its Secret, and nothing else does', async (t) => {
  const refused = new RegExp(schema.definitions.settings.propertyNames.not.pattern);
  // Set by the chart itself, and no secrets.
  const byChart = ['ADMIN_NICKNAME', 'PORT', 'OPS_PORT', 'TRUSTED_PROXIES'];
  const withoutRows = ['gateway', 'verification'];
  for (const [part, settings] of Object.entries(own)) {
    const names = [...Object.keys(CommonSettings.properties), ...Object.keys(settings.properties)];
    const secret = names.filter(
      (name) =>
        refused.test(name) &&
        !byChart.includes(name) &&
        !(name === 'DATABASE_URL' && withoutRows.includes(part)),
    );
    const taken = schema.properties.parts.properties[part]?.properties.secret.properties ?? {};
    t.same(Object.keys(taken).sort(), [...new Set(secret)].sort(), part);
  }
});

t.test('all replicas together open no more connections than Postgres of compose allows', async (t) => {
  const replicas = ['auth', 'user', 'process'].map((part) => (values.parts[part]?.autoscaling.max ?? 0) + 1);
  const connections = replicas.reduce((sum, count) => sum + 10 * count, 0);
  t.ok(connections < 190, `${connections} of 200, some of which are kept for who looks after it`);
});

t.test('auth hashes in as many threads as with compose', async (t) => {
  const threads = standard(compose.services.auth?.environment.UV_THREADPOOL_SIZE);
  t.same(values.parts.auth?.settings, { UV_THREADPOOL_SIZE: threads });
});
