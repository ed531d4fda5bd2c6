import { headers } from 'nats';
import { MsgHdrsImpl, MsgImpl } from 'nats/lib/nats-base-client/internal_mod.js';
import t from 'tap';
import { readMessage } from '../src/bus/nats-messages.ts';

/** A message as the library gives it, of the bytes of its headers and its payload. */
function message(head: Uint8Array, payload: string): MsgImpl {
  const bytes = new Uint8Array([...head, ...Buffer.from(payload)]);
  const hdr = head.length === 0 ? -1 : head.length;
  const args = { subject: Buffer.from('a.b'), sid: 1, hdr, size: bytes.length };
  return new MsgImpl(args, bytes, { publish() {} });
}
const text = (head: string, payload = '') => message(Buffer.from(head), payload);

t.test('a message is read as the library reads it', async (t) => {
  const made = headers();
  made.append('x-request-id', 'r-1');
  made.append('x-caller', '{"accountId":7,"note":"张三: 🎉"}');
  made.append('x-request-id', 'r-2');
  made.append('x-empty', '');
  if (!(made instanceof MsgHdrsImpl)) throw new Error('not of this library');
  const whole = message(made.encode(), '{"text":"张三"}');
  const { payload, status, read } = readMessage(whole);
  t.equal(payload, '{"text":"张三"}');
  t.equal(status, '');
  for (const name of ['x-request-id', 'x-caller', 'x-empty', 'x-other', 'X-Request-Id', 'constructor']) {
    t.equal(read(name), whole.headers?.get(name), name);
  }
  t.equal(read('x-request-id'), 'r-1');
});

t.test('headers of other writers are read as the library reads them', async (t) => {
  for (const head of [
    'NATS/1.0\r\na:1\r\nb: 2 \r\nno colon\r\n\r\n',
    'NATS/1.0\r\na:1:2\r\n\r\n',
    'NATS/1.0\r\na: 1\r\n',
    'NATS/1.0 503\r\n\r\n',
    'NATS/1.0 100 Idle Heartbeat\r\na: \t1\r\n\r\n',
    'NATS/1.0\r\n\r\n',
  ]) {
    const { read } = readMessage(text(head));
    const other = text(head);
    for (const name of ['a', 'b', 'no colon', '']) t.equal(read(name), other.headers?.get(name), head);
  }
});

t.test('the status of a message, and one without headers', async (t) => {
  t.equal(readMessage(text('NATS/1.0 503\r\n\r\n')).status, '503');
  t.equal(readMessage(text('NATS/1.0 100 Idle Heartbeat\r\n\r\n')).status, '100 Idle Heartbeat');
  const { payload, status, read } = readMessage(text('', '{}'));
  t.same([payload, status, read('a')], ['{}', '', '']);
});
