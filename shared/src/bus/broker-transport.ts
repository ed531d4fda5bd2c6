import type { ConnectionOptions, NatsConnection } from 'nats';
import { NatsConnectionImpl, setTransportFactory } from 'nats/lib/nats-base-client/internal_mod.js';
import { NodeTransport, nodeResolveHost } from 'nats/lib/src/node_transport.js';

/** Bytes that wait for the end of a turn at most. */
const mostWaiting = 65_536;

/**
 * The library's transport, but what is sent in one turn of the event loop goes out in one write, at its end: for each
 * message by itself the system call costs more than all the rest. What still waits when the connection breaks is lost
 * with it, like what the system's buffers held: the next connection is another transport, and sends nothing of it.
 *
 * And one that is given up is closed for good. The library only forgets a try that took too
 * long: when such a one comes through later and is then ended by the broker, the library takes that for the end of
 * the connection that it has meanwhile, and makes another one beside it. From then on there are two on which half of
 * the answers are lost, each of which the broker drops as soon as the other one has got its pings.
 */
class BrokerTransport extends NodeTransport {
  #givenUp = false;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  readonly #sendWaiting = () => {
    const frames = this.#waiting;
    if (frames.length === 0) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    super.send(Buffer.concat(frames));
  };

  override send(frame: Uint8Array): void {
    if (this.#waiting.length === 0) setImmediate(this.#sendWaiting);
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
    if (this.#waitingBytes > mostWaiting) this.#sendWaiting();
  }

  override async connect(...to: Parameters<NodeTransport['connect']>): Promise<void> {
    await super.connect(...to);
    if (this.#givenUp) this.discard();
  }

  /** Called before the next try, whatever became of this one. */
  override discard(): void {
    this.#givenUp = true;
    this.done = true;
    this.#waiting = [];
    // What came already would be read as if the next one had sent it.
    this.yields = [];
    this.signal.resolve();
    this.socket?.destroy();
  }

  override async close(error?: Error): Promise<void> {
    if (error === undefined) this.#sendWaiting();
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
