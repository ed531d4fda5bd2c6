import { type Msg, ErrorCode as NatsCode, type NatsConnection, NatsError, type ServiceMsg } from 'nats';
import { MsgImpl, NatsConnectionImpl } from 'nats/lib/nats-base-client/internal_mod.js';
import { ServiceMsgImpl } from 'nats/lib/nats-base-client/service.js';

/** A message that is to be sent: of visible ASCII all but the payload and what a header says. */
export type Outgoing = {
  subject: string;
  /** Where an answer is expected. */
  reply?: string;
  /** `name: value` lines, each ended by CR LF, whose writer has seen to it that no value breaks a line. */
  headers?: string;
  payload: string;
};

export type SendMessage = (message: Outgoing) => void;

/**
 * Sends as the library's `publish` does, from text that is written once: the library makes an object of the headers,
 * reads each of its names letter by letter, and encodes command, headers and payload apart.
 */
export function messageSender(nats: NatsConnection): SendMessage {
  if (!(nats instanceof NatsConnectionImpl)) throw new Error('not a connection of this library');
  const { protocol } = nats;
  return function send({ subject, reply, headers, payload }) {
    if (nats.isClosed()) throw NatsError.errorForCode(NatsCode.ConnectionClosed);
    if (protocol.noMorePublishing) throw NatsError.errorForCode(NatsCode.ConnectionDraining);
    const head = headers === undefined ? '' : `NATS/1.0\r\n${headers}\r\n`;
    const headBytes = Buffer.byteLength(head);
    const bytes = headBytes + Buffer.byteLength(payload);
    if (protocol.info !== undefined && bytes > protocol.info.max_payload) {
      throw NatsError.errorForCode(NatsCode.MaxPayloadExceeded);
    }
    const to = reply === undefined ? subject : `${subject} ${reply}`;
    const command = head === '' ? `PUB ${to} ${bytes}` : `HPUB ${to} ${headBytes} ${bytes}`;
    // While the connection is away the library keeps it for the next one, or drops it.
    protocol.sendCommand(Buffer.from(`${command}\r\n${head}${payload}\r\n`));
  };
}

/** A message as it came: `read` answers `''` for a header that is not there. */
export type Received = { payload: string; status: string; read: (name: string) => string };

const nothing = () => '';

function textOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Reads header lines as the library does: the first of a name counts, without space around its value. */
function readHeaders(text: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (let at = text.indexOf('\r\n') + 2; at < text.length; ) {
    const end = text.indexOf('\r\n', at);
    const lineEnd = end === -1 ? text.length : end;
    const colon = text.indexOf(':', at);
    if (colon !== -1 && colon < lineEnd) {
      const name = text.slice(at, colon);
      if (!headers.has(name)) headers.set(name, text.slice(colon + 1, lineEnd).trim());
    }
    at = lineEnd + 2;
  }
  return headers;
}

/** Reads a message from its bytes; what the library makes of them costs several times as much. */
export function readMessage(message: Msg | MsgImpl | ServiceMsg): Received {
  const inner = message instanceof ServiceMsgImpl ? message.msg : message;
  if (!(inner instanceof MsgImpl)) throw new Error('not a message of this library');
  const bytes = textOf(inner._rdata);
  const headersEnd = Math.max(inner._msg.hdr, 0);
  const payload = bytes.toString('utf8', headersEnd);
  if (headersEnd === 0) return { payload, status: '', read: nothing };
  const head = bytes.toString('utf8', 0, headersEnd);
  const headers = readHeaders(head);
  return {
    payload,
    status: head.slice('NATS/1.0'.length, head.indexOf('\r\n')).trim(),
    read: (name) => headers.get(name) ?? '',
  };
}
