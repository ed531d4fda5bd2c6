import t from 'tap';
import { memoryBus } from '../src/bus/memory-bus.ts';
import { contract } from '../src/contracts/contract.ts';
import { AppError, type ErrorCode, errorCodes, isErrorCode } from '../src/errors.ts';
import { Type } from '../src/schema.ts';
import { failure, probeContext } from './harness/bus-probe.ts';
import { logLines } from './harness/log-lines.ts';

// What must not compile stands under `@ts-expect-error`: if it did compile, `npm run typecheck` would fail.
// The tests show that it is no less refused when it runs.

const contracts = {
  add: contract({
    subject: 'sums.add',
    summary: 'Adds two numbers.',
    request: Type.Object({ left: Type.Integer(), right: Type.Optional(Type.Integer()) }),
    reply: Type.Object({ sum: Type.Integer() }),
    errors: ['not-allowed'],
    idempotent: true,
  }),
  negate: contract({
    subject: 'sums.negate',
    summary: 'Changes the sign.',
    request: Type.Object({ value: Type.Integer() }),
    reply: Type.Object({ value: Type.Integer() }),
    errors: [],
    idempotent: true,
  }),
} as const;

const bus = memoryBus({ clock: Date.now, logger: logLines().logger });
t.teardown(() => bus.close());
const service = { name: 'sums', version: '1.0.0', contracts };
const add = async ({ left, right = 0 }: { left: number; right?: number }) => ({ sum: left + right });
const negate = async ({ value }: { value: number }) => ({ value: -value });
const refused = ['contract-violated', {}];

t.test('a call that fits its contract compiles, and the reply has its type', async (t) => {
  const served = await bus.serve({ ...service, handlers: { add, negate } });
  const { sum } = await bus.call(contracts.add, { left: 1, right: 2 }, probeContext());
  t.equal(sum.toFixed(1), '3.0');
  // @ts-expect-error the reply has no such field
  const { total } = await bus.call(contracts.add, { left: 1 }, probeContext());
  t.equal(total, undefined);
  await served.drain();
});

t.test('a call with a wrong field does not compile and is not sent', async (t) => {
  // @ts-expect-error a field of another type
  t.same(await failure(bus.call(contracts.add, { left: '1' }, probeContext())), refused);
  // @ts-expect-error a field is missing
  t.same(await failure(bus.call(contracts.add, { right: 1 }, probeContext())), refused);
  // @ts-expect-error another contract's request
  t.same(await failure(bus.call(contracts.add, { value: 1 }, probeContext())), refused);
  // @ts-expect-error a context without request id
  t.same(await failure(bus.call(contracts.add, { left: 1 }, { deadline: Date.now() + 1000 })), refused);
});

t.test('a call with a field too many does not compile, and the field is not passed on', async (t) => {
  let seen: unknown;
  const handlers = {
    negate,
    add: async (input: { left: number; right?: number }) => {
      seen = input;
      return { sum: 0 };
    },
  };
  const served = await bus.serve({ ...service, handlers });
  // @ts-expect-error a field that the contract does not name
  await bus.call(contracts.add, { left: 1, role: 'admin' }, probeContext());
  t.strictSame(seen, { left: 1 });
  await served.drain();
});

t.test('a handler with a wrong reply does not compile and is not believed', async (t) => {
  // @ts-expect-error the reply's field has another type
  const text = await bus.serve({ ...service, handlers: { negate, add: async () => ({ sum: '3' }) } });
  t.same(await failure(bus.call(contracts.add, { left: 1 }, probeContext())), refused);
  await text.drain();
  // @ts-expect-error the reply's field is missing
  const empty = await bus.serve({ ...service, handlers: { negate, add: async () => ({}) } });
  t.same(await failure(bus.call(contracts.add, { left: 1 }, probeContext())), refused);
  await empty.drain();
});

t.test('a handler that wants what the contract does not send does not compile', async (t) => {
  const greedy = async ({ left, factor }: { left: number; factor: number }) => ({ sum: left * factor });
  // @ts-expect-error nobody sends a factor
  const served = await bus.serve({ ...service, handlers: { negate, add: greedy } });
  t.same(await failure(bus.call(contracts.add, { left: 1 }, probeContext())), refused);
  await served.drain();
});

t.test('a service with a handler forgotten does not compile', async (t) => {
  // @ts-expect-error `negate` has no handler
  const served = await bus.serve({ ...service, handlers: { add } });
  t.same(await failure(bus.call(contracts.negate, { value: 1 }, probeContext())), ['internal', {}]);
  await served.drain();
});

t.test('a service with a handler too many does not compile', async (t) => {
  // @ts-expect-error there is no contract `divide`
  const served = await bus.serve({ ...service, handlers: { add, negate, divide: negate } });
  t.same(await bus.call(contracts.negate, { value: 1 }, probeContext()), { value: -1 });
  await served.drain();
});

t.test('a table of answers with a row missing or too many does not compile', async (t) => {
  const complete: Record<ErrorCode, number> = Object.fromEntries(
    errorCodes.map((code, row) => [code, row]),
    // The compiler cannot count; the catalogue's codes are all here.
  ) as Record<ErrorCode, number>;
  const { busy, ...rest } = complete;
  // @ts-expect-error the row of `busy` is missing
  const missing = { ...rest } satisfies Record<ErrorCode, number>;
  // @ts-expect-error the catalogue knows no such code
  const tooMany = { ...complete, 'out-of-cheese': 1 } satisfies Record<ErrorCode, number>;
  t.equal(Object.keys(missing).length, errorCodes.length - 1);
  t.equal(Object.keys(tooMany).length, errorCodes.length + 1);
  t.type(busy, 'number');
});

t.test('a code outside the catalogue compiles neither in a contract nor in an error', async (t) => {
  // @ts-expect-error the catalogue knows no such code
  const wrong = contract({ ...contracts.add, errors: ['out-of-cheese'] });
  t.notOk(wrong.errors.some(isErrorCode));
  // @ts-expect-error the catalogue knows no such code
  t.notOk(isErrorCode(new AppError('out-of-cheese').code));
  // @ts-expect-error details are a closed list
  t.ok(new AppError('busy', { message: 'secret' }));
  // @ts-expect-error a subject is `service.operation`
  t.ok(contract({ ...contracts.add, subject: 'sums' }));
});
