import { Socket } from 'node:net';
import t, { type Test } from 'tap';
import { clientAddress, countedAddress } from '../src/address.ts';
import { clientOf } from './harness/client.ts';
import { account, fakeParts } from './harness/fakes.ts';
import { startGateway } from './harness/platform.ts';

t.test('an IPv6 subscriber counts as one, a mapped IPv4 address as itself', async (t) => {
  const counted: Record<string, string | null> = {
    '203.0.113.7': '203.0.113.7',
    '::ffff:203.0.113.7': '203.0.113.7',
    '::ffff:cb00:7107': '203.0.113.7',
    '2001:db8:1:2:3:4:5:6': '2001:db8:1:2::',
    '2001:DB8:1:2::9': '2001:db8:1:2::',
    '2001:db8:1:3::9': '2001:db8:1:3::',
    '::1': '::',
    'fe80::1%eth0': 'fe80::',
    '203.0.113.7:4711': '203.0.113.7',
    '[2001:db8:1:2::9]:4711': '2001:db8:1:2::',
    '[2001:db8:1:2::9]': '2001:db8:1:2::',
    '1[::1]': null,
    '[::1]1': null,
    '203.0.113:4711.7': null,
    unknown: null,
    '': null,
    '1.2.3': null,
    '<script>': null,
  };
  for (const [address, expected] of Object.entries(counted))
    t.equal(countedAddress(address), expected, address);
});

/** Answers the address that a login counts for. */
async function start(t: Test, environment: Record<string, string> = {}) {
  const { parts, asked } = await fakeParts({
    auth: { loginByPassword: async () => ({ account: account(), token: 'a-token' }) },
  });
  const client = clientOf(await startGateway(t, parts, { environment }));
  return async (address: string, forwarded?: string) => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    await client.post('/user/login', { id: '51923482', password: 'a' }, { address, headers });
    const { address: counted } = (asked.at(-1)?.input ?? {}) as { address?: string };
    return counted;
  };
}

t.test('without trusted proxies what a client says of its address changes nothing', async (t) => {
  const counted = await start(t);
  t.equal(await counted('203.0.113.7'), '203.0.113.7');
  t.equal(await counted('203.0.113.7', '198.51.100.1'), '203.0.113.7');
  t.equal(await counted('127.0.0.1', '198.51.100.1'), '127.0.0.1');
});

t.test('each call carries the counted address of its client', async (t) => {
  const { parts, asked } = await fakeParts({
    auth: { loginByPassword: async () => ({ account: account(), token: 'a-token' }) },
  });
  const client = clientOf(await startGateway(t, parts));
  await client.post('/user/login', { id: '51923482', password: 'a' }, { address: '2001:db8:1:2:3:4:5:6' });
  t.equal(asked.at(-1)?.context.address, '2001:db8:1:2::');
});

t.test('a trusted proxy names the client, and what came before it is not believed', async (t) => {
  const counted = await start(t, { TRUSTED_PROXIES: 'loopback, 10.0.0.0/8,2001:db8:ffff::1' });
  t.equal(await counted('10.1.2.3', '198.51.100.1'), '198.51.100.1');
  t.equal(await counted('10.1.2.3', '1.1.1.1, 198.51.100.1'), '198.51.100.1');
  t.equal(await counted('10.1.2.3', '1.1.1.1, 198.51.100.1, 10.9.9.9'), '198.51.100.1');
  t.equal(await counted('2001:db8:ffff::1', '2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::');
  t.equal(await counted('203.0.113.7', '198.51.100.1'), '203.0.113.7', 'nor is who is no proxy');
  t.equal(await counted('10.1.2.3', '198.51.100.1:4711'), '198.51.100.1');
});

t.test('nonsense from a trusted proxy counts as the proxy itself', async (t) => {
  const counted = await start(t, { TRUSTED_PROXIES: '10.0.0.0/8' });
  t.equal(await counted('10.1.2.3', 'unknown'), '10.1.2.3');
  t.equal(await counted('10.1.2.3', `${'x'.repeat(200)}`), '10.1.2.3');
});

t.test('a connection that is closed already counts as unknown', async (t) => {
  // Node forgets the address of a socket with its connection; Fastify's types do not say so.
  const closed = { ip: undefined, socket: new Socket() } as unknown as Parameters<typeof clientAddress>[0];
  t.equal(clientAddress(closed), 'unknown');
});
