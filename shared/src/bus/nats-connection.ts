import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionOptions, createInbox, DebugEvents, Events, type NatsConnection } from 'nats';
import type { Logger } from '../logger.ts';
import { connectByTransport } from './broker-transport.ts';
import { messageSender, type SendMessage } from './nats-messages.ts';

/** Milliseconds between two tries to reach the broker: work goes on well within 2 s of its return. */
const reconnectWaitMs = 250;
/** Milliseconds until a broker that takes the connection but says nothing counts as away. */
const dialTimeoutMs = 1500;
/** A frozen broker raises no event: two pings without an answer, 4 to 6 s, and it counts as away. */
const pingIntervalMs = 2000;
/** Milliseconds that a flush or drain may wait for a broker that may be frozen. */
const patienceMs = 1000;

/**
 * `nats://user:password@host:port`, or `token@`; a cluster's servers with commas between. `tls://` asks for
 * TLS. Names are resolved at each try anew: by the system, as for everything else, but with TLS by the
 * library, which checks the certificate against the name only then. A user's answers come to an inbox under
 * its own name, so that the broker can keep other users from reading them.
 */
function optionsFrom(urls: string): ConnectionOptions & { servers: string[] } {
  const parsed = urls.split(',').map((url) => new URL(url));
  const [first] = parsed;
  const user = decodeURIComponent(first?.username ?? '');
  const pass = decodeURIComponent(first?.password ?? '');
  return {
    servers: parsed.map((url) => url.host),
    resolve: first?.protocol === 'tls:',
    ...(first?.protocol === 'tls:' && { tls: {} }),
    ...(user !== '' && (pass === '' ? { token: user } : { user, pass })),
    ...(pass !== '' && /^[\w-]+$/.test(user) && { inboxPrefix: `_INBOX.${user}` }),
  };
}

/** A connection that comes back for as long as the process lives, and knows whether it is there. */
export type BrokerConnection = {
  nats: NatsConnection;
  /** Fails with the library's error where it is closed, or the message is over what the broker takes. */
  send: SendMessage;
  /** A subject of its own on which answers may come to this connection. */
  newInbox(): string;
  /** False from the moment the broker is known to be away. */
  connected(): boolean;
  /** Waits for something that needs the broker, but not for ever. Never rejects. */
  patiently(work: Promise<unknown>): Promise<void>;
  close(): Promise<void>;
};

/** Waits for the broker as long as it takes, and logs why it cannot be reached. `name` is shown there. */
export async function connectToBroker(settings: {
  url: string;
  name: string;
  logger: Logger;
}): Promise<BrokerConnection> {
  const { url, name, logger } = settings;
  const options: ConnectionOptions = {
    ...optionsFrom(url),
    name,
    timeout: dialTimeoutMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectWaitMs,
    reconnectJitter: reconnectWaitMs / 2,
    // A broker that refuses the password while it is being set up again may take it later.
    ignoreAuthErrorAbort: true,
    pingInterval: pingIntervalMs,
    maxPingOut: 2,
    noAsyncTraces: true,
  };

  async function firstConnection(): Promise<NatsConnection> {
    // The library's own waitOnFirstConnect would not say what it waits for.
    for (let told = ''; ; await delay(reconnectWaitMs)) {
      try {
        return await connectByTransport(options);
      } catch (error) {
        if (String(error) !== told) {
          logger.warn({ err: error, servers: options.servers }, 'waiting for the broker');
        }
        told = String(error);
      }
    }
  }

  const nats = await firstConnection();
  let connected = true;
  void nats.closed().then((error) => {
    connected = false;
    if (error) logger.fatal({ err: error }, 'the connection to the broker is closed for good');
  });
  void (async () => {
    for await (const { type, data } of nats.status()) {
      if (type === Events.Disconnect || type === DebugEvents.StaleConnection) {
        if (connected) logger.warn('the broker is away');
        connected = false;
      } else if (type === Events.Reconnect) {
        connected = true;
        logger.info('the broker is back');
      } else if (type === Events.Error) {
        logger.error({ code: data }, 'the broker reports an error');
      }
    }
  })();

  async function patiently(work: Promise<unknown>): Promise<void> {
    const stop = new AbortController();
    // What fails here fails because the broker is away: there is nothing left to wait for.
    await Promise.race([
      work.catch(() => undefined),
      delay(patienceMs, undefined, { signal: stop.signal }).catch(() => undefined),
    ]);
    stop.abort();
  }

  return {
    nats,
    send: messageSender(nats),
    newInbox: () => createInbox(options.inboxPrefix),
    connected: () => connected,
    patiently,
    async close() {
      if (connected) await patiently(nats.drain());
      await nats.close();
    },
  };
}
