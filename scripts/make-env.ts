// Writes the .env of docker-compose.yml with fresh random passwords, readable by its owner alone; never over another
// one. usage: npm run env [-- FILE]
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** 192 bits. Begins with a letter: NATS reads what begins with a digit as a number. */
const secret = () => `s${randomBytes(24).toString('hex')}`;
/** 96 bits in 16 characters: the login of the accounts document takes no more. */
const adminPassword = () => randomBytes(12).toString('base64url');
const secrets = (names: readonly string[]) => names.map((name) => `${name}=${secret()}`);
const servicesWith = (what: string, names: readonly string[]) =>
  secrets(names.map((name) => `${name}_${what}_PASSWORD`));

const parts = ['GATEWAY', 'AUTH', 'USER', 'VERIFICATION', 'PROCESS'];
const lines = [
  '# Read by docker compose alone: each part gets what it needs. Settings that are no secret go into settings.env.',
  '',
  '# To be filled in. Without WeChat or medicine, say in settings.env which documents are served: DIALECTS=…',
  'WECHAT_APPID=',
  'WECHAT_SECRET=',
  '# tencent, aliyun or webhook, and its own settings (docs/settings.md, SMS_…)',
  'SMS_PROVIDER=',
  '',
  '# Where the gateways listen on this machine, each on a free one of these ports; 3000 alone for one gateway. The',
  '# proxy on this machine that ends TLS in front of them is trusted as `uniquelocal`; leave TRUSTED_PROXIES empty',
  '# when clients reach the gateways directly.',
  'GATEWAY_ADDRESS=127.0.0.1',
  'GATEWAY_PORTS=3000-3009',
  'TRUSTED_PROXIES=uniquelocal',
  '',
  '# The first admin. Change the password after the first login, and empty both lines.',
  'ADMIN_NICKNAME=admin',
  `ADMIN_PASSWORD=${adminPassword()}`,
  '',
  '# Kept for good: with the first the signing keys in the database are encrypted, with the second the identities of',
  '# erased accounts are kept from others.',
  ...secrets(['AUTH_KEYS_SECRET', 'USER_KEYS_SECRET', 'VERIFICATION_KEYS_SECRET']),
  '',
  ...secrets(['POSTGRES_PASSWORD']),
  ...servicesWith('DATABASE', ['AUTH', 'USER', 'PROCESS']),
  ...servicesWith('NATS', parts),
  ...servicesWith('REDIS', parts),
  '',
];

const file = resolve(process.argv[2] ?? '.env');
try {
  writeFileSync(file, lines.join('\n'), { flag: 'wx', mode: 0o600 });
} catch (error) {
  const there = error instanceof Error && 'code' in error && error.code === 'EEXIST';
  console.error(
    there ? `${file} is there already: it is left as it is` : `${file} cannot be written: ${error}`,
  );
  process.exit(1);
}
console.log(`${file} is made, with fresh passwords. To be filled in before the start:
  WECHAT_APPID, WECHAT_SECRET   unless DIALECTS (settings.env) leaves out repair and openid
  SMS_PROVIDER and its settings unless DIALECTS leaves out medicine
The first admin is "admin"; the password is ADMIN_PASSWORD there.`);
