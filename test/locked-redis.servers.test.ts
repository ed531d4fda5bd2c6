import { createLogger } from '@vestibule/shared/logger';
import { redisStore } from '@vestibule/shared/store/redis-store';
import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { startLockedRedis, type UserName } from './harness/locked-servers.ts';

const server = await startLockedRedis(t);

function connected(t: Test, user: UserName): Redis {
  const client = new Redis(server.urlFor(user));
  t.teardown(() => client.disconnect());
  return client;
}

/** Redis says it differently where a script asks. */
const refused = { message: /^NOPERM|can't access/ };

/** What a thief of one user's password tries on the keys of others, and on all of them. */
const mayNot: Record<UserName, string[][]> = {
  gateway: [
    ['set', 'vestibule:session:s1', 'forged'],
    ['del', 'vestibule:access:57'],
    ['eval', "return redis.call('INCR', KEYS[1])", '1', 'vestibule:access:57'],
    ['get', 'vestibule:sms:code:1'],
    ['del', 'vestibule:guess:address:1.2.3.4'],
  ],
  auth: [
    ['set', 'vestibule:access:57', 'forged'],
    ['get', 'vestibule:sms:code:1'],
    ['del', 'vestibule:rate:signup:1.2.3.4'],
  ],
  user: [
    ['set', 'vestibule:session:s1', 'forged'],
    ['get', 'vestibule:guess:address:1.2.3.4'],
  ],
  verification: [
    ['set', 'vestibule:session:s1', 'forged'],
    ['set', 'vestibule:access:57', 'forged'],
    ['del', 'vestibule:guess:address:1.2.3.4'],
    ['eval', "return redis.call('GET', 'vestibule:session:s1')", '0'],
  ],
  process: [
    ['get', 'vestibule:session:s1'],
    ['set', 'vestibule:anything', 'x'],
  ],
};
const nobodyMay = [
  ['keys', '*'],
  ['scan', '0'],
  ['flushall'],
  ['config', 'get', '*'],
  ['acl', 'list'],
  ['monitor'],
  ['client', 'list'],
  ['publish', 'channel', 'x'],
  ['get', 'other-platform:session:s1'],
];

for (const [name, tries] of Object.entries(mayNot)) {
  t.test(`a stolen password of ${name} reaches no key of others`, async (t) => {
    const thief = connected(t, name as UserName); // a key of `mayNot`
    for (const [command = '', ...words] of [...tries, ...nobodyMay]) {
      await t.rejects(thief.call(command, ...words), refused, [command, ...words].join(' '));
    }
  });
}

function strangerAs(t: Test, user: string, password: string): Redis {
  const url = new URL(server.urlFor('auth'));
  url.username = user;
  url.password = password;
  const stranger = new Redis(url.href, { enableReadyCheck: false });
  stranger.on('error', () => {});
  t.teardown(() => stranger.disconnect());
  return stranger;
}

t.test('without a password there is only an answer to health checks', async (t) => {
  const stranger = strangerAs(t, '', '');
  await t.rejects(stranger.ping(), { message: /^NOAUTH/ });
  await t.rejects(stranger.get('vestibule:session:s1'), { message: /^NOAUTH/ });
  await t.rejects(stranger.call('auth', 'default', 'any'), { message: /^(NOAUTH|WRONGPASS)/ });

  const check = strangerAs(t, 'health', 'any');
  t.equal(await check.ping(), 'PONG');
  await t.rejects(check.get('vestibule:session:s1'), refused);
  await t.rejects(check.info(), refused);
});

t.test('what was counted outlives a restart', async (t) => {
  const logger = createLogger({ level: 'silent', name: 'test' });
  const options = { url: server.urlFor('verification'), namespace: 'vestibule', timeoutMs: 250 };
  const open = () => redisStore({ ...options, logger, clock: Date.now });
  const before = open();
  await before.ready();
  t.equal((await before.count('sms:phone:1', 60_000)).count, 1);
  await before.close();
  await server.restart();
  const after = open();
  t.teardown(() => after.close());
  await after.ready();
  t.equal((await after.count('sms:phone:1', 60_000)).count, 2);
});
