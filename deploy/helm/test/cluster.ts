import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import type { Rendered } from './rendering.ts';

/** What Kubernetes says of the kinds of these objects when it is asked for all that it knows. */
function discovery(objects: readonly Rendered[]): Record<string, unknown> {
  const versions = Map.groupBy(objects, ({ apiVersion }) => apiVersion);
  const groups = [...versions.keys()].filter((version) => version !== 'v1');
  const resources = [...versions].map(([groupVersion, ofVersion]) => [
    groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`,
    {
      kind: 'APIResourceList',
      groupVersion,
      resources: [...new Set(ofVersion.map(({ kind }) => kind))].map((kind) => ({
        name: `${kind.toLowerCase()}s`,
        singularName: kind.toLowerCase(),
        namespaced: true,
        kind,
        verbs: ['get'],
      })),
    },
  ]);
  return {
    '/version': { major: '1', minor: '33', gitVersion: 'v1.33.0' },
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': {
      kind: 'APIGroupList',
      groups: groups.map((groupVersion) => {
        const [name, version] = groupVersion.split('/');
        return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } };
      }),
    },
    ...Object.fromEntries(resources),
  };
}

/**
 * A Kubernetes that knows the kinds of these objects, and in `accounts` these Secrets of the release `vestibule`;
 * resolves to its URL.
 */
export async function clusterWith(
  t: Test,
  objects: readonly Rendered[],
  secrets: Record<string, Record<string, string>>,
): Promise<string> {
  const answers = discovery(objects);
  for (const [name, data] of Object.entries(secrets)) {
    const labels = { 'app.kubernetes.io/managed-by': 'Helm' };
    const annotations = {
      'meta.helm.sh/release-name': 'vestibule',
      'meta.helm.sh/release-namespace': 'accounts',
    };
    const metadata = { name, namespace: 'accounts', labels, annotations };
    answers[`/api/v1/namespaces/accounts/secrets/${name}`] = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      data,
    };
  }
  const missing = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 };
  const server = createServer(({ url = '' }, response) => {
    const answer = answers[new URL(url, 'http://cluster').pathname];
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? missing));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  // A server that listens on an address and a port has no other kind of address.
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
