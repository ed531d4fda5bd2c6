import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');
const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');

type Container = {
  command?: string[];
  environment: Record<string, string | null>;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  init?: boolean;
  restart?: string;
  healthcheck?: object;
  networks: string[];
  cpu_shares?: number;
  deploy?: { resources?: { limits?: { cpus?: string; memory?: string } } };
};
const { services } = parse(text, { merge: true }) as { services: Record<string, Container> };

t.test('every service is a part of the stack', async (t) => {
  for (const folder of globSync('services/*', { cwd: root })) {
    const name = basename(folder);
    t.same(services[name]?.command, ['node', `services/${name}/src/server.ts`], name);
  }
});

t.test('every container writes nowhere, gains no privileges, and has its limits', async (t) => {
  for (const [name, container] of Object.entries(services)) {
    const { read_only, cap_drop, security_opt, init, restart, deploy } = container;
    t.same(
      { read_only, cap_drop, security_opt, init, restart },
      {
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        init: true,
        restart: 'unless-stopped',
      },
      name,
    );
    const { cpus = '', memory = '' } = deploy?.resources?.limits ?? {};
    t.match(cpus, /\d/, `${name} has a limit of cores`);
    t.match(memory, /^\d+M$/, `${name} has a limit of memory`);
  }
});

t.test('where cores are short, all others go before what hashes passwords', async (t) => {
  for (const [name, { cpu_shares: shares = 1024 }] of Object.entries(services)) {
    t.equal(shares, name === 'auth' ? 256 : 1024, name);
  }
});

t.test('a container gets the secrets that it needs and no others', async (t) => {
  const secrets = Object.entries(services).map(([name, { environment }]) => {
    const held = Object.entries(environment).flatMap(([key, value]) => {
      const names = [...(value ?? `\${${key}}`).matchAll(/\$\{(\w+)/g)].map(([, found]) => found ?? '');
      return names.filter((found) => /PASSWORD|SECRET/.test(found));
    });
    return [name, held.sort()];
  });
  t.same(Object.fromEntries(secrets), {
    gateway: ['GATEWAY_NATS_PASSWORD', 'GATEWAY_REDIS_PASSWORD'],
    auth: [
      'ADMIN_PASSWORD',
      'AUTH_DATABASE_PASSWORD',
      'AUTH_KEYS_SECRET',
      'AUTH_NATS_PASSWORD',
      'AUTH_REDIS_PASSWORD',
      'WECHAT_SECRET',
    ],
    user: ['USER_DATABASE_PASSWORD', 'USER_KEYS_SECRET', 'USER_NATS_PASSWORD', 'USER_REDIS_PASSWORD'],
    verification: [
      'SMS_ALIYUN_ACCESS_KEY_SECRET',
      'SMS_TENCENT_SECRET_ID',
      'SMS_TENCENT_SECRET_KEY',
      'SMS_WEBHOOK_SECRET',
      'VERIFICATION_KEYS_SECRET',
      'VERIFICATION_NATS_PASSWORD',
      'VERIFICATION_REDIS_PASSWORD',
    ],
    process: ['PROCESS_DATABASE_PASSWORD', 'PROCESS_NATS_PASSWORD', 'PROCESS_REDIS_PASSWORD'],
    postgres: [
      'AUTH_DATABASE_PASSWORD',
      'POSTGRES_PASSWORD',
      'PROCESS_DATABASE_PASSWORD',
      'USER_DATABASE_PASSWORD',
    ],
    redis: [
      'AUTH_REDIS_PASSWORD',
      'GATEWAY_REDIS_PASSWORD',
      'PROCESS_REDIS_PASSWORD',
      'USER_REDIS_PASSWORD',
      'VERIFICATION_REDIS_PASSWORD',
    ],
    nats: [
      'AUTH_NATS_PASSWORD',
      'GATEWAY_NATS_PASSWORD',
      'PROCESS_NATS_PASSWORD',
      'USER_NATS_PASSWORD',
      'VERIFICATION_NATS_PASSWORD',
    ],
  });
});

t.test('Postgres is reached by those alone that keep rows there', async (t) => {
  const near = Object.entries(services).filter(([, { networks }]) => networks.includes('rows'));
  t.same(near.map(([name]) => name).sort(), ['auth', 'postgres', 'process', 'user']);
});

t.test('npm run env makes all passwords, for its owner alone, and never over others', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'env-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, '.env');
  const script = join(root, 'scripts', 'make-env.ts');
  const said = execFileSync(process.execPath, [script, file], { encoding: 'utf8' });
  t.match(said, /WECHAT_APPID, WECHAT_SECRET/);
  t.match(said, /SMS_PROVIDER/);
  t.equal(statSync(file).mode & 0o777, 0o600);

  const made = readFileSync(file, 'utf8');
  const values = new Map(
    [...made.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const needed = new Set([...text.matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name));
  t.equal(needed.size, 17);
  for (const name of needed) t.match(values.get(name), /^s[0-9a-f]{48}$/, name);
  t.match(values.get('ADMIN_PASSWORD'), /^[\w-]{16}$/, 'which the login of the accounts document takes');
  const secrets = [...values.values()].filter((value) => value.length > 40);
  t.equal(new Set(secrets).size, secrets.length, 'no two are the same');
  for (const secret of secrets) t.notMatch(said, secret, 'what is said holds none of them');

  const again = spawnSync(process.execPath, [script, file], { encoding: 'utf8' });
  t.equal(again.status, 1);
  t.match(again.stderr, /is there already: it is left as it is/);
  t.equal(readFileSync(file, 'utf8'), made);
});
