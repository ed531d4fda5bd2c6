import t from 'tap';
import { only, parts, type Rendered, render } from './rendering.ts';

/** What these tests read of a NetworkPolicy; its whole shape is checked beside. */
type Rule = { ports: { port: number | string; protocol: string }[]; from?: object[]; to?: object[] };
type Policy = { podSelector: { matchLabels: Record<string, string> }; ingress?: Rule[]; egress?: Rule[] };

function policyOf(objects: readonly Rendered[], name: string): Policy {
  const { spec } = only(objects, 'NetworkPolicy', `vestibule-${name}`);
  return spec as Policy;
}
const ports = (rules: Rule[] = []) => rules.map((rule) => rule.ports.map(({ port }) => port).join('+'));
const namespace = (name: string) => [
  { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } },
];

for (const example of ['ingress', 'locked-down']) {
  t.test(`${example}: nothing reaches a pod and no pod reaches anything that is not named`, async (t) => {
    const objects = await render(example);
    const closed = only(objects, 'NetworkPolicy', 'vestibule-closed').spec;
    t.same(closed, {
      podSelector: {
        matchLabels: { 'app.kubernetes.io/name': 'vestibule', 'app.kubernetes.io/instance': 'vestibule' },
      },
      policyTypes: ['Ingress', 'Egress'],
    });
    for (const deployment of objects.filter(({ kind }) => kind === 'Deployment'))
      t.match(deployment.spec, {
        template: { metadata: { labels: policyOf(objects, 'closed').podSelector.matchLabels } },
      });
    for (const part of parts) {
      const { podSelector } = policyOf(objects, part);
      const { spec } = only(objects, 'Deployment', `vestibule-${part}`);
      t.match(spec, { template: { metadata: { labels: podSelector.matchLabels } } }, `${part} has a policy`);
      t.match(podSelector.matchLabels, { 'app.kubernetes.io/component': part }, 'that is of no other');
    }
  });
}

t.test('a part reaches the servers that it uses, and auth and verification what is outside', async (t) => {
  const objects = await render('ingress');
  const reached = parts.map((part) => [part, ports(policyOf(objects, part).egress)]);
  t.same(Object.fromEntries(reached), {
    gateway: ['53+53', '4222', '6379'],
    auth: ['53+53', '4222', '6379', '5432', '443'],
    user: ['53+53', '4222', '6379', '5432'],
    verification: ['53+53', '4222', '6379', '443'],
    process: ['53+53', '4222', '6379', '5432'],
  });
  t.same(policyOf(objects, 'auth').egress?.at(-1)?.to, [
    {
      ipBlock: {
        cidr: '0.0.0.0/0',
        except: ['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'],
      },
    },
    { ipBlock: { cidr: '::/0', except: ['fc00::/7', 'fe80::/10'] } },
  ]);
});

t.test('servers whose place is known are reached there alone, and what is named besides', async (t) => {
  const { egress } = policyOf(await render('locked-down'), 'user');
  t.same(egress?.slice(1), [
    { ports: [{ protocol: 'TCP', port: 4222 }], to: namespace('nats') },
    { ports: [{ protocol: 'TCP', port: 6379 }], to: [{ ipBlock: { cidr: '192.0.2.11/32' } }] },
    { ports: [{ protocol: 'TCP', port: 5432 }], to: [{ ipBlock: { cidr: '192.0.2.10/32' } }] },
    { ports: [{ protocol: 'TCP', port: 4318 }], to: namespace('monitoring') },
  ]);
});

t.test('metrics are for the monitoring, and the gateway alone has clients', async (t) => {
  const objects = await render('ingress');
  for (const part of parts) {
    const [metrics, ...clients] = policyOf(objects, part).ingress ?? [];
    t.same(metrics, { ports: [{ protocol: 'TCP', port: 'ops' }], from: namespace('monitoring') }, part);
    const http = { ports: [{ protocol: 'TCP', port: 'http' }], from: namespace('ingress-nginx') };
    t.same(clients, part === 'gateway' ? [http] : [], `the clients of ${part}`);
  }
  const behindBalancer = policyOf(await render('locked-down'), 'gateway');
  t.same(behindBalancer.ingress?.[1], { ports: [{ protocol: 'TCP', port: 'http' }] }, 'from anywhere');
});
