import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { faults } from './kubernetes-schemas.ts';
import { examples, lint, only, parts, type Rendered, render } from './rendering.ts';

/** What a Prometheus operator brings has no schema among those of Kubernetes. */
const ofPrometheus = (object: Rendered) => object.apiVersion === 'monitoring.coreos.com/v1';
const podLabels = (part: string) => ({
  'app.kubernetes.io/name': 'vestibule',
  'app.kubernetes.io/instance': 'vestibule',
  'app.kubernetes.io/component': part,
});

t.test('a field that Kubernetes does not know, and one of the wrong type, are found', async (t) => {
  const policy = (spec: object) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'closed' },
    spec,
  });
  t.same(faults(policy({ podSelector: { matchLabels: { any: 'word' } } })), []);
  t.same(faults(policy({ podSelector: {}, policyType: ['Egress'] })), [
    '/spec/policyType',
    '/spec/policyType/0',
  ]);
  t.match(faults(policy({ podSelector: {}, policyTypes: 'Egress' })), [
    [{ instancePath: '/spec/policyTypes', keyword: 'type' }],
  ]);
});

for (const example of examples) {
  t.test(`${example}: Helm finds nothing, and each object is one that Kubernetes takes`, async (t) => {
    t.match(await lint(example), '1 chart(s) linted, 0 chart(s) failed');
    const objects = await render(example);
    for (const object of objects.filter((object) => !ofPrometheus(object)))
      t.same(faults(object), [], `${object.kind} ${object.metadata.name}`);
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    t.equal(new Set(names).size, names.length, 'no name is given twice');
  });

  t.test(`${example}: every part runs with probes, limits and no rights`, async (t) => {
    const objects = await render(example);
    t.same(
      objects.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name),
      ['auth', 'gateway', 'process', 'user', 'verification'].map((part) => `vestibule-${part}`),
    );
    for (const part of parts) {
      const folder = part === 'gateway' ? part : `services/${part}`;
      t.match(
        only(objects, 'Deployment', `vestibule-${part}`).spec,
        {
          strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          selector: { matchLabels: podLabels(part) },
          template: {
            metadata: { labels: podLabels(part) },
            spec: {
              terminationGracePeriodSeconds: part === 'gateway' ? 20 : 15,
              automountServiceAccountToken: false,
              enableServiceLinks: false,
              securityContext: {
                runAsNonRoot: true,
                runAsUser: 1000,
                seccompProfile: { type: 'RuntimeDefault' },
              },
              topologySpreadConstraints: [
                {
                  topologyKey: 'kubernetes.io/hostname',
                  labelSelector: { matchLabels: podLabels(part) },
                },
                { topologyKey: 'topology.kubernetes.io/zone' },
              ],
              containers: [
                {
                  command: ['node', `${folder}/src/server.ts`],
                  resources: { limits: { cpu: '1', memory: part === 'auth' ? '384Mi' : '256Mi' } },
                  startupProbe: { httpGet: { path: '/health/live', port: 'ops' }, failureThreshold: 90 },
                  livenessProbe: { httpGet: { path: '/health/live', port: 'ops' } },
                  readinessProbe: { httpGet: { path: '/health/ready', port: 'ops' } },
                  securityContext: {
                    allowPrivilegeEscalation: false,
                    readOnlyRootFilesystem: true,
                    capabilities: { drop: ['ALL'] },
                  },
                  volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
                },
              ],
              volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }],
            },
          },
        },
        part,
      );
    }
  });
}

t.test('every part grows by its use of cores, and keeps a replica while a node is emptied', async (t) => {
  for (const example of ['ingress', 'locked-down']) {
    const objects = await render(example);
    for (const part of parts) {
      const name = `vestibule-${part}`;
      t.match(only(objects, 'HorizontalPodAutoscaler', name).spec, {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        minReplicas: 2,
        metrics: [{ resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '600m' } } }],
      });
      t.match(only(objects, 'PodDisruptionBudget', name).spec, {
        minAvailable: 1,
        selector: { matchLabels: podLabels(part) },
      });
      t.notOk(
        'replicas' in (only(objects, 'Deployment', name).spec ?? {}),
        'the autoscaler alone says how many',
      );
    }
  }
});

t.test('a part of one replica has none of both, so that its node can be emptied', async (t) => {
  const objects = await render('small');
  const kinds = new Set(objects.map(({ kind }) => kind));
  t.same([...kinds].sort(), ['Deployment', 'Service']);
  for (const part of parts) t.match(only(objects, 'Deployment', `vestibule-${part}`).spec, { replicas: 1 });
});

t.test(
  'clients reach the gateway through Service and Ingress, whose word on addresses it takes',
  async (t) => {
    const objects = await render('ingress');
    t.match(only(objects, 'Service', 'vestibule-gateway').spec, {
      type: 'ClusterIP',
      selector: podLabels('gateway'),
      ports: [{ port: 80, targetPort: 'http' }],
    });
    t.match(only(objects, 'Ingress', 'vestibule-gateway').spec, {
      ingressClassName: 'nginx',
      tls: [{ secretName: 'accounts-tls', hosts: ['accounts.example.com'] }],
      rules: [
        {
          host: 'accounts.example.com',
          http: {
            paths: [
              { path: '/', backend: { service: { name: 'vestibule-gateway', port: { name: 'http' } } } },
            ],
          },
        },
      ],
    });
    const env = (proxies: string) => ({
      template: {
        spec: {
          containers: [
            {
              env: [{}, { name: 'TRUSTED_PROXIES', value: proxies }],
              ports: [{ name: 'http', containerPort: 3000 }],
              lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } },
            },
          ],
        },
      },
    });
    t.match(only(objects, 'Deployment', 'vestibule-gateway').spec, env('uniquelocal'));
    t.equal(
      JSON.stringify(objects).match(/TRUSTED_PROXIES/g)?.length,
      1,
      'the other parts have no use for it',
    );
    t.match(JSON.stringify(await render('locked-down')), '{"name":"TRUSTED_PROXIES","value":"192.0.2.0/24"}');
  },
);

t.test('Prometheus finds every pod, knows it by its part, and has the alert rules', async (t) => {
  const objects = await render('locked-down');
  t.match(only(objects, 'PodMonitor', 'vestibule'), {
    metadata: { labels: { release: 'prometheus' } },
    spec: {
      jobLabel: 'app.kubernetes.io/component',
      selector: {
        matchLabels: { 'app.kubernetes.io/name': 'vestibule', 'app.kubernetes.io/instance': 'vestibule' },
      },
      podMetricsEndpoints: [{ port: 'ops', path: '/metrics' }],
    },
  });
  const alerts = readFileSync(join(import.meta.dirname, '..', '..', 'alerts.yml'), 'utf8');
  t.same(only(objects, 'PrometheusRule', 'vestibule').spec, parse(alerts));
});
