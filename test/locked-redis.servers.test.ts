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

t.test('without a password there is only an answer to health checks', async (t) => {
  const url = new URL(server.urlFor('auth'));
  url.username = '';
  url.password = '';
  const stranger = new Redis(url.href, { enableReadyCheck: false });
  t.teardown(() => stranger.disconnect());
  t.equal(await stranger.ping(), 'PONG');
  await t.rejects(stranger.get('vestibule:session:s1'), refused);
  await t.rejects(stranger.info(), refused);
});
