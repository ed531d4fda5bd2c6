import t from 'tap';
import { clusterWith } from './cluster.ts';
import { only, parts, type Rendered, render } from './rendering.ts';

const secretOf = (objects: readonly Rendered[], part: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(only(objects, 'Secret', `vestibule-${part}`).data ?? {}).map(([name, value]) => [
      name,
      Buffer.from(value, 'base64').toString(),
    ]),
  );

/** What Helm says against the example with these arguments. */
const refusal = (...args: string[]): Promise<string> =>
  render('ingress', ...args).then(
    () => 'nothing',
    ({ stderr }: { stderr: string }) => stderr,
  );

t.test('each part gets its own Secret and nothing of the others', async (t) => {
  const objects = await render('ingress');
  t.same(Object.fromEntries(parts.map((part) => [part, Object.keys(secretOf(objects, part)).sort()])), {
    gateway: ['NATS_URL', 'REDIS_URL'],
    auth: ['ADMIN_PASSWORD', 'DATABASE_URL', 'KEYS_SECRET', 'NATS_URL', 'REDIS_URL'],
    user: ['DATABASE_URL', 'KEYS_SECRET', 'NATS_URL', 'REDIS_URL'],
    verification: ['KEYS_SECRET', 'NATS_URL', 'REDIS_URL'],
    process: ['DATABASE_URL', 'NATS_URL', 'REDIS_URL'],
  });
  t.equal(secretOf(objects, 'user').NATS_URL, 'nats://user:example-n3@nats.servers:4222');
  for (const part of parts) {
    const name = `vestibule-${part}`;
    t.match(only(objects, 'Deployment', name).spec, {
      template: { spec: { containers: [{ envFrom: [{ secretRef: { name } }] }] } },
    });
  }
  t.equal(JSON.stringify(objects).match(/secretRef/g)?.length, 5);
});

t.test('Secrets that are there already are taken by their names, and none is made', async (t) => {
  const objects = await render('locked-down');
  t.same(
    objects.filter(({ kind }) => kind === 'Secret'),
    [],
  );
  for (const part of parts) {
    t.match(only(objects, 'Deployment', `vestibule-${part}`).spec, {
      template: { spec: { containers: [{ envFrom: [{ secretRef: { name: `${part}-secrets` } }] }] } },
    });
  }
});

t.test('nothing secret stands anywhere but in a Secret', async (t) => {
  const objects = await render('ingress');
  const open = JSON.stringify(objects.filter(({ kind }) => kind !== 'Secret'));
  const secrets = parts.flatMap((part) => Object.values(secretOf(objects, part)));
  t.equal(secrets.length, 17);
  for (const secret of secrets) t.notMatch(open, secret);
  t.notMatch(open, /example-[dnr]\d/);
});

t.test('another secret rolls the part that has it, and no other', async (t) => {
  const mark = (objects: readonly Rendered[], part: string) =>
    JSON.stringify(only(objects, 'Deployment', `vestibule-${part}`)).match(
      /"vestibule\/secret":"(\w{8})"/,
    )?.[1];
  const [before, after] = [
    await render('ingress'),
    await render('ingress', '--set', 'parts.user.secret.NATS_URL=nats://user:other@nats.servers:4222'),
  ];
  t.match(mark(before, 'user'), /^\w{8}$/);
  t.same(
    parts.filter((part) => mark(before, part) !== mark(after, part)),
    ['user'],
  );
});

t.test('a KEYS_SECRET is made at random, is kept when the chart goes, and is replaced by none', async (t) => {
  const [one, other] = [await render('ingress'), await render('ingress')];
  for (const part of ['auth', 'user', 'verification']) {
    t.match(secretOf(one, part).KEYS_SECRET, /^[A-Za-z0-9]{48}$/);
    t.not(secretOf(one, part).KEYS_SECRET, secretOf(other, part).KEYS_SECRET);
    t.match(only(one, 'Secret', `vestibule-${part}`).metadata.annotations, {
      'helm.sh/resource-policy': 'keep',
    });
  }
  t.not(secretOf(one, 'auth').KEYS_SECRET, secretOf(one, 'verification').KEYS_SECRET);
  t.match(secretOf(one, 'auth').ADMIN_PASSWORD, /^[A-Za-z0-9]{16}$/, 'no longer than a login takes');
  t.match(
    await refusal('--is-upgrade'),
    'parts.auth.secret.KEYS_SECRET is not set, and no Secret vestibule-auth is seen that has it',
  );
});

t.test('what was made once stays as it is in the cluster, with every upgrade', async (t) => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const cluster = await clusterWith(t, await render('ingress'), {
    'vestibule-auth': { KEYS_SECRET: base64('kept-of-auth'), ADMIN_PASSWORD: base64('kept-of-admin') },
    'vestibule-user': { KEYS_SECRET: base64('kept-of-user') },
    'vestibule-verification': { KEYS_SECRET: base64('kept-of-verification') },
  });
  // It has no schemas.
  const asked = ['--dry-run=server', '--disable-openapi-validation', '--kube-apiserver', cluster];
  for (const upgrade of [[], ['--is-upgrade']]) {
    const objects = await render('ingress', ...asked, ...upgrade);
    t.match(secretOf(objects, 'auth'), { KEYS_SECRET: 'kept-of-auth', ADMIN_PASSWORD: 'kept-of-admin' });
    t.match(secretOf(objects, 'user'), { KEYS_SECRET: 'kept-of-user' });
    t.match(secretOf(objects, 'verification'), { KEYS_SECRET: 'kept-of-verification' });
  }
  const given = ['--set', 'parts.auth.secret.KEYS_SECRET=given'];
  t.match(secretOf(await render('ingress', ...asked, ...given), 'auth'), { KEYS_SECRET: 'given' });
});

const refused = {
  'a secret among the settings': ['settings.WECHAT_SECRET=word', 'WECHAT_SECRET'],
  'a URL with a password among the settings': ['parts.user.settings.DATABASE_URL=x', 'DATABASE_URL'],
  'a secret of another part': ['parts.process.secret.KEYS_SECRET=word', 'KEYS_SECRET'],
  'a setting that is no string': ['settings.BODY_LIMIT=1000000', 'BODY_LIMIT'],
  'a part that there is not': ['parts.users.replicas=1', 'users'],
  'a part without its database': [
    'parts.user.secret.DATABASE_URL=',
    'parts.user.secret.DATABASE_URL is not set',
  ],
  'no image': ['image.repository=', 'image.repository is not set'],
  'an Ingress without a host': ['ingress.host=', 'ingress.host is not set'],
} as const;
for (const [what, [set, says]] of Object.entries(refused)) {
  t.test(`${what} is refused by name`, async (t) => {
    t.match(await refusal('--set', set), says);
  });
}

t.test('a setting whose name is only like that of a secret is taken', async (t) => {
  const objects = await render('ingress', '--set', 'parts.auth.settings.PASSWORD_POLICY=strong');
  t.match(
    JSON.stringify(only(objects, 'Deployment', 'vestibule-auth')),
    '"PASSWORD_POLICY","value":"strong"',
  );
});
