import { Events, type Msg, ErrorCode as NatsCode, NatsError, ServiceErrorHeader } from 'nats';
import { AppError } from '../errors.ts';
import type { Alarm, Alarms } from './alarms.ts';
import type { BrokerConnection } from './nats-connection.ts';
import { type Outgoing, readMessage } from './nats-messages.ts';
import type { Answer } from './wire.ts';

type Request = Required<Omit<Outgoing, 'reply'>> & {
  timeoutMs: number;
  /** Nobody hears `subject`: another one to ask, or undefined. */
  elsewhere: () => string | undefined;
};

type Waiting = {
  request: Request;
  /** Whom it is sent to now. */
  subject: string;
  alarm: Alarm;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
};

/**
 * Requests over one subscription of this connection: each has a token at the end of the inbox to which its answer
 * comes. It ends once: by its answer, by `unavailable` when nobody hears it, or by `deadline-passed`. The library's own
 * requests come with a timer, a race and an error for each.
 */
export function openRequests({ broker, alarms }: { broker: BrokerConnection; alarms: Alarms }) {
  const waiting = new Map<string, Waiting>();
  let inbox = '';
  let lastToken = 0;

  function take(token: string): Waiting | undefined {
    const one = waiting.get(token);
    if (one === undefined) return undefined;
    waiting.delete(token);
    alarms.clear(one.alarm);
    return one;
  }

  function fail(error: unknown, concerns: (one: Waiting) => boolean = () => true): void {
    for (const [token, one] of waiting) if (concerns(one)) take(token)?.reject(error);
  }

  const send = (token: string, subject: string, { headers, payload }: Request) =>
    broker.send({ subject, reply: `${inbox}.${token}`, headers, payload });

  function sendElsewhere(token: string, one: Waiting): void {
    const other = one.request.elsewhere();
    try {
      if (other === undefined) throw new AppError('unavailable');
      send(token, other, one.request);
      one.subject = other;
    } catch (error) {
      take(token)?.reject(error);
    }
  }

  function receive(error: NatsError | null, message: Msg): void {
    if (error) {
      // The broker lets this user not listen there; the next request tries it again.
      inbox = '';
      fail(error);
      return;
    }
    const token = message.subject.slice(inbox.length + 1);
    const one = waiting.get(token);
    if (one === undefined) return;
    const { payload, status, read } = readMessage(message);
    if (payload === '' && status.startsWith(NatsCode.NoResponders)) {
      sendElsewhere(token, one);
      return;
    }
    const code = read(ServiceErrorHeader);
    take(token)?.resolve(code === '' ? { payload } : { code, payload });
  }

  function openInbox(): void {
    inbox = broker.newInbox();
    broker.nats.subscribe(`${inbox}.*`, { callback: receive });
  }

  void (async () => {
    for await (const { type, permissionContext } of broker.nats.status()) {
      if (type !== Events.Error || permissionContext?.operation !== 'publish') continue;
      const refused = new NatsError('the broker refuses the subject', NatsCode.PermissionsViolation);
      fail(refused, ({ subject }) => subject === permissionContext.subject);
    }
  })();
  void broker.nats.closed().then(() => fail(new AppError('deadline-passed')));

  return function ask(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (broker.nats.isDraining() || broker.nats.isClosed()) throw new AppError('unavailable');
      if (inbox === '') openInbox();
      lastToken += 1;
      const token = lastToken.toString(36);
      const { subject } = request;
      send(token, subject, request);
      const alarm = alarms.set(request.timeoutMs, () => take(token)?.reject(new AppError('deadline-passed')));
      waiting.set(token, { request, subject, alarm, resolve, reject });
    });
  };
}
