import type { NatsConnection } from 'nats';

/** Milliseconds between two signs of life of a replica. */
export const beatMs = 500;
/** Milliseconds without one after which a replica gets no calls; it may be late once. */
const freshMs = 1400;

/** `NAMESPACE.alive.SERVICE` carries the id of the replica that lives, or after a `-` of one that leaves. */
const aliveSubject = (namespace: string, service: string) => `${namespace}.alive.${service}`;

/** Where one replica of a service is called, and nobody else; the operation stands at the end. */
export const replicaSubject = (namespace: string, service: string, id: string, operation: string) =>
  `${namespace}.${service}.at.${id}.${operation}`;

/** Tells that a replica lives, until it leaves: callers call nobody else, and nobody who says nothing. */
export function announceReplica(
  nats: NatsConnection,
  { namespace, service, id }: { namespace: string; service: string; id: string },
): { leave(): void } {
  const say = (text: string) => {
    // What is said while the broker is away would be said again when it is back, all at once.
    if (!nats.isClosed()) nats.publish(aliveSubject(namespace, service), text);
  };
  say(id);
  const timer = setInterval(say, beatMs, id);
  timer.unref();
  return {
    leave() {
      clearInterval(timer);
      say(`-${id}`);
    },
  };
}

export type Replicas = {
  /** The one of a service whose turn it is, of those that live, and rather none of `asked`; undefined: none lives. */
  next(service: string, asked: ReadonlySet<string>): string | undefined;
  /** It is gone, whatever it said. */
  forget(service: string, id: string): void;
};

/**
 * Knows which replicas live. A queue group knows it not: it goes on giving one that hangs its share of the calls,
 * and no broker drops it while it is sent something.
 */
export function watchReplicas(nats: NatsConnection, namespace: string): Replicas {
  const services = new Map<string, Map<string, number>>();
  nats.subscribe(aliveSubject(namespace, '*'), {
    callback(error, message) {
      if (error) return;
      const service = message.subject.slice(message.subject.lastIndexOf('.') + 1);
      const text = message.string();
      const replicas = services.get(service) ?? new Map<string, number>();
      services.set(service, replicas);
      if (text.startsWith('-')) replicas.delete(text.slice(1));
      else if (/^[A-Za-z0-9]{1,64}$/.test(text)) replicas.set(text, performance.now());
    },
  });

  return {
    next(service, asked) {
      const replicas = services.get(service) ?? new Map<string, number>();
      const since = performance.now() - freshMs;
      // Who hangs, or ended without a farewell, comes back with its next sign of life.
      for (const [id, seenAt] of replicas) if (seenAt < since) replicas.delete(id);
      const ids = [...replicas.keys()];
      const id = ids.find((one) => !asked.has(one)) ?? ids[0];
      const seenAt = replicas.get(id ?? '');
      if (id === undefined || seenAt === undefined) return undefined;
      // To the end of the line.
      replicas.delete(id);
      replicas.set(id, seenAt);
      return id;
    },
    forget(service, id) {
      services.get(service)?.delete(id);
    },
  };
}
