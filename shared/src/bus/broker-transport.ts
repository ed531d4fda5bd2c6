import type { ConnectionOptions, NatsConnection } from 'nats';
import { NatsConnectionImpl, setTransportFactory } from 'nats/lib/nats-base-client/internal_mod.js';
import { NodeTransport, nodeResolveHost } from 'nats/lib/src/node_transport.js';

/**
 * The library's transport, but one that is given up is closed for good. The library only forgets a try that took too
 * long: when such a one comes through later and is then ended by the broker, the library takes that for the end of
 * the connection that it has meanwhile, and makes another one beside it. From then on there are two on which half of
 * the answers are lost, each of which the broker drops as soon as the other one has got its pings.
 */
class BrokerTransport extends NodeTransport {
  #givenUp = false;

  override async connect(...to: Parameters<NodeTransport['connect']>): Promise<void> {
    await super.connect(...to);
    if (this.#givenUp) this.discard();
  }

  /** Called before the next try, whatever became of this one. */
  override discard(): void {
    this.#givenUp = true;
    this.done = true;
    // What came already would be read as if the next one had sent it.
    this.yields = [];
    this.signal.resolve();
    this.socket?.destroy();
  }

  override async close(error?: Error): Promise<void> {
    // This is what the library leaves out.
    if (!this.connected) this.discard();
    await super.close(error);
  }

  /** The library's waits until all is sent, which a broker that says nothing may never take. */
  override disconnect(): void {
    void this.close(new Error('the broker says nothing'));
  }
}

/** As the library's `connect`, on such transports. */
export function connectByTransport(options: ConnectionOptions): Promise<NatsConnection> {
  setTransportFactory({ factory: () => new BrokerTransport(), dnsResolveFn: nodeResolveHost });
  return NatsConnectionImpl.connect(options);
}
