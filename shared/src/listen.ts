import { type FastifyInstance, fastify } from 'fastify';
import { SettingError } from './config.ts';
import { TakenError } from './taken.ts';

type Address = { host: string; port: number };

/** What the system says of an address that cannot be listened on, in words for the operator. */
const reasons: Partial<Record<string, (setting: string, address: Address) => SettingError>> = {
  EADDRINUSE: (setting, { host, port }) =>
    new TakenError(`${setting} is not free: something listens on port ${port} of ${host} already`),
  EACCES: (setting, { port }) =>
    new SettingError(`${setting} is not valid: the system does not let this user listen on port ${port}`),
  EADDRNOTAVAIL: (_setting, { host }) =>
    new SettingError(`HOST is not valid: ${host} is no address of this machine`),
  ENOTFOUND: (_setting, { host }) =>
    new SettingError(`HOST is not valid: there is no address for the name ${host}`),
};

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** An address on which a process of this machine reaches what listens on `host`. */
export function nearbyHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * Listens and answers the URL for this machine. Throws a SettingError that names HOST or the port's setting
 * when it cannot.
 */
export async function listen(app: FastifyInstance, address: Address, setting = 'PORT'): Promise<string> {
  try {
    const url = new URL(await app.listen({ ...address, listenTextResolver: (url) => `listening on ${url}` }));
    url.hostname = nearbyHost(address.host);
    return url.origin;
  } catch (error) {
    throw reasons[codeOf(error)]?.(setting, address) ?? error;
  }
}

/** The address if it is free, with a port instead of 0 and the URL that it will have; listens on it no longer. */
export async function claimAddress({ host, port }: Address): Promise<Address & { url: string }> {
  const probe = fastify({ logger: false });
  const url = await listen(probe, { host, port });
  await probe.close();
  return { host, port: Number(new URL(url).port || 80), url };
}

type OpsAddress = {
  host: string;
  /** `OPS_PORT`. */
  port: number | undefined;
  /** The port where none is set; taken already: a free one, so that one machine can run several replicas. */
  standard: number;
};

/** Listens for operations: health, metrics. */
export async function listenForOps(app: FastifyInstance, { host, port, standard }: OpsAddress) {
  if (port !== undefined) return listen(app, { host, port }, 'OPS_PORT');
  return listen(app, { host, port: standard }).catch((error: unknown) => {
    if (!(error instanceof TakenError)) throw error;
    return listen(app, { host, port: 0 });
  });
}
