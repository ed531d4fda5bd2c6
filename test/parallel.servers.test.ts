import t from 'tap';
import { charityClient } from './harness/charity-client.ts';
import { startPlatform } from './harness/platform.ts';

t.setTimeout(900_000);

t.test(
  '200 parallel registrations and 200 parallel logins on two of each service',
  { timeout: 120_000 },
  async (t) => {
    // Cores that are busy otherwise make it slow, and slow is no error here.
    const settings = { REQUEST_DEADLINE_MS: '30000' };
    const platform = await startPlatform(t, { replicas: { verification: 0 }, settings });
    const clients = platform.gateways.map(charityClient);
    const clientOf = (index: number) => clients[index % clients.length] ?? charityClient('');

    const registered = await Promise.all(
      Array.from({ length: 200 }, (_, index) => clientOf(index).register('1')),
    );
    t.equal(new Set(registered.map(({ id }) => id)).size, 200, 'no id twice');
    t.ok(
      registered.every(({ id }) => /^\d{8}$/.test(id)),
      'ids of 8 digits',
    );

    const logins = await Promise.all(registered.map(({ id }, index) => clientOf(index + 1).login(id)));
    t.same(new Set(logins.map(({ status, code }) => `${status} ${code}`)), new Set(['200 200']), 'no error');
    const tokens = logins.map((answer) => answer.data.token ?? '');
    t.equal(new Set(tokens).size, 200, 'no token twice');

    const own = await Promise.all(
      registered.map(({ id }, index) => clientOf(index).own(id, tokens[index] ?? '')),
    );
    t.same(new Set(own), new Set([200]), 'each token opens its own record');
  },
);
