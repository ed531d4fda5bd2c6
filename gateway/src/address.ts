import { isIP } from 'node:net';
import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';

/** A proxy may write a port (`192.0.2.1:4711`, `[2001:db8::1]:4711`) or a zone (`fe80::1%eth0`) beside it. */
const bare = (address: string) =>
  address
    .replace(/^\[([^\]]*)\](?::\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1')
    .replace(/%.*$/, '');

/**
 * The address that limits are counted for: IPv4 as it is (also when it is mapped into IPv6), IPv6 as the
 * first address of its /64, which is what one subscriber has.
 */
export function countedAddress(address: string | undefined): string | null {
  const ip = bare(address ?? '');
  return isIP(ip) === 0 ? null : normalizeIP(ip, 64);
}

/**
 * Who is counted for a request: the forwarded client if a trusted proxy sent it, else the connection. What a
 * proxy forwards that is no address counts as the proxy's own, so that nonsense opens no new account of tries;
 * a connection that is closed already has no address any more.
 */
export const clientAddress = ({ ip, socket }: Pick<FastifyRequest, 'ip' | 'socket'>): string =>
  countedAddress(ip) ?? countedAddress(socket.remoteAddress) ?? 'unknown';
