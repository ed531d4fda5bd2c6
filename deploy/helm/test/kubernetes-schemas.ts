import { validate as deployment } from 'kubernetes-models/_schemas/IoK8sApiAppsV1Deployment';
import { validate as autoscaler } from 'kubernetes-models/_schemas/IoK8sApiAutoscalingV2HorizontalPodAutoscaler';
import { validate as secret } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Secret';
import { validate as service } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Service';
import { validate as ingress } from 'kubernetes-models/_schemas/IoK8sApiNetworkingV1Ingress';
import { validate as networkPolicy } from 'kubernetes-models/_schemas/IoK8sApiNetworkingV1NetworkPolicy';
import { validate as budget } from 'kubernetes-models/_schemas/IoK8sApiPolicyV1PodDisruptionBudget';

const schemas: Record<string, (object: unknown) => boolean> = {
  'apps/v1/Deployment': deployment,
  'autoscaling/v2/HorizontalPodAutoscaler': autoscaler,
  'v1/Secret': secret,
  'v1/Service': service,
  'networking.k8s.io/v1/Ingress': ingress,
  'networking.k8s.io/v1/NetworkPolicy': networkPolicy,
  'policy/v1/PodDisruptionBudget': budget,
};

/** The value as it is; `looked` gets the path of each field that somebody reads. */
function watched(value: unknown, path: string, looked: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      const field: unknown = Reflect.get(target, key);
      if (typeof key === 'symbol' || !Object.hasOwn(target, key)) return field;
      looked.add(`${path}/${key}`);
      return watched(field, `${path}/${key}`, looked);
    },
  });
}

const paths = (value: unknown, path: string): string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, field]) => [`${path}/${key}`, ...paths(field, `${path}/${key}`)]);

/**
 * What Kubernetes would find wrong with an object: what its schema says, and fields that it does not know, which its
 * schema lets pass. Those are the ones that the check of the schema never read.
 */
export function faults(object: { apiVersion: string; kind: string }): unknown[] {
  const kind = `${object.apiVersion}/${object.kind}`;
  const validate = schemas[kind];
  if (validate === undefined) return [`no schema of ${kind}`];
  const looked = new Set<string>();
  // ajv leaves what it found on the function.
  const found = validate(watched(object, '', looked)) ? [] : [Reflect.get(validate, 'errors')];
  return [...found, ...paths(object, '').filter((path) => !looked.has(path))];
}
