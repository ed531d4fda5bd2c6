import t from 'tap';
import { decode, decodeError, encodeError, readContext, writeContext } from '../src/bus/wire.ts';
import type { CallContext } from '../src/call-context.ts';
import { JsonObject } from '../src/contracts/json.ts';
import { AppError } from '../src/errors.ts';
import { Type } from '../src/schema.ts';
import { probe } from './harness/bus-probe.ts';

t.test('a context crosses whole, with the client and its address', async (t) => {
  const context: CallContext = {
    requestId: 'request-1',
    alsoFor: 'request-3 request-4',
    deadline: 1_700_000_000_000,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    caller: { accountId: 10_000_001, role: 'admin', status: 'active' },
    address: '2001:db8:0:1::/64',
  };
  const bare: CallContext = { requestId: 'request-2', deadline: 1_700_000_000_000 };
  for (const sent of [context, bare]) {
    const headers = new Map<string, string>();
    writeContext(sent, (name, value) => headers.set(name, value));
    const received = readContext((name) => headers.get(name) ?? '');
    t.strictSame(received, sent);
  }
});

t.test('an address that fits no header neither leaves nor arrives', async (t) => {
  const context = {
    requestId: 'request-1',
    deadline: 1_700_000_000_000,
    address: '192.0.2.7\r\nx-caller: {}',
  };
  t.throws(() => writeContext(context, () => {}), { code: 'contract-violated' });
  const headers = new Map([
    ['x-request-id', 'request-1'],
    ['x-deadline', '1700000000000'],
    ['x-client-address', 'a b'],
  ]);
  t.throws(() => readContext((name) => headers.get(name) ?? ''), { code: 'contract-violated' });
});

t.test('further requests that fit no header neither leave nor arrive', async (t) => {
  for (const alsoFor of ['request-3\r\nx-caller: {}', '', ' ', 'a  b', 'é']) {
    const context = { requestId: 'request-1', alsoFor, deadline: 1_700_000_000_000 };
    t.throws(() => writeContext(context, () => {}), { code: 'contract-violated' });
  }
  const headers = new Map([
    ['x-request-id', 'request-1'],
    ['x-also-for', 'a  b'],
    ['x-deadline', '1700000000000'],
  ]);
  t.throws(() => readContext((name) => headers.get(name) ?? ''), { code: 'contract-violated' });
});

t.test('an error leaves with its code and the details that the catalogue knows', async (t) => {
  const details = { field: 'id', retryAfterSeconds: 3, sql: 'select 1' };
  const error = new AppError('account-unknown', details, new Error('at db.internal'));
  const { code, payload } = encodeError(probe.echo, error);
  t.equal(code, 'account-unknown');
  t.equal(payload, '{"field":"id","retryAfterSeconds":3}');
});

t.test('an error that the contract does not list leaves as internal and says nothing', async (t) => {
  const sent = encodeError(probe.echo, new AppError('identity-taken', { field: 'nickname' }));
  t.same(sent, { code: 'internal', payload: '{}' });
});

t.test('an error is rebuilt from its code even when its details cannot be read', async (t) => {
  for (const payload of ['', '{"field":', '[]', 'null', '{"field":5}']) {
    const error = decodeError(probe.echo, { code: 'account-unknown', payload });
    t.equal(error.code, 'account-unknown');
    t.same(error.details, {});
  }
});

t.test('a code that cannot come from this contract is rebuilt as internal', async (t) => {
  for (const code of ['identity-taken', 'out-of-cheese', 'toString', 'constructor']) {
    const error = decodeError(probe.echo, { code, payload: '{"field":"id"}' });
    t.equal(error.code, 'internal');
    t.same(error.details, {});
  }
});

t.test('an unnamed field is dropped, also one that is called like a part of every object', async (t) => {
  const schema = Type.Object({ id: Type.Integer(), inner: Type.Object({ name: Type.String() }) });
  const unnamed = '"constructor":1,"toString":{},"__proto__":{"role":"admin"},"role":"admin"';
  const sent = `{${unnamed},"id":7,"inner":{${unnamed},"name":"Sara"}}`;
  t.strictSame(decode(schema, sent, 'a request'), { id: 7, inner: { name: 'Sara' } });
});

t.test('an open object keeps all its names, also those with a line break', async (t) => {
  const schema = Type.Object({ form: JsonObject });
  t.strictSame(decode(schema, '{"form":{"a\\nb":1}}', 'a request'), { form: { 'a\nb': 1 } });
});
