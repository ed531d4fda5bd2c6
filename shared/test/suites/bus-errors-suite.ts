import type { Test } from 'tap';
import { contract } from '../../src/contracts/contract.ts';
import { AppError } from '../../src/errors.ts';
import { failure, laxer, type OpenBus, openProbe, probe, probeContext } from '../harness/bus-probe.ts';

/** Errors cross as codes of the catalogue. */
export function busErrorsSuite(t: Test, open: OpenBus): void {
  t.test('an error of the contract arrives with its code and details', async (t) => {
    const { caller, serve, log } = await openProbe(t, open);
    await serve(async () => {
      throw new AppError('rate-limited', { retryAfterSeconds: 7, field: 'phone' }, new Error('inside'));
    });
    const expected = ['rate-limited', { retryAfterSeconds: 7, field: 'phone' }];
    t.same(await failure(caller.call(probe.echo, { text: '' }, probeContext())), expected);
    t.notMatch(log.text(), /"level":"(?:warn|error|fatal)"/, 'a refusal is no fault');
    t.notMatch(log.text(), 'inside');
  });

  t.test('details that the catalogue does not know stay in the service', async (t) => {
    const { caller, serve } = await openProbe(t, open);
    await serve(async () => {
      const details = { field: 'id', sql: 'select 1' };
      throw new AppError('account-unknown', details);
    });
    const [code, details] = await failure(caller.call(probe.echo, { text: '' }, probeContext()));
    t.equal(code, 'account-unknown');
    t.strictSame(details, { field: 'id' });
  });

  t.test('a common error needs no line in the contract', async (t) => {
    const { caller, serve, log } = await openProbe(t, open);
    await serve(async () => {
      throw new AppError('database-unavailable', { retryAfterSeconds: 1 });
    });
    const expected = ['database-unavailable', { retryAfterSeconds: 1 }];
    t.same(
      await failure(caller.call(probe.echo, { text: '' }, probeContext({ requestId: 'find-me' }))),
      expected,
    );
    t.match(log.text(), /"requestId":"find-me"/);
  });

  t.test('an error that the contract does not list arrives as internal', async (t) => {
    const { caller, serve, log } = await openProbe(t, open);
    await serve(async () => {
      throw new AppError('identity-taken', { field: 'nickname' });
    });
    const call = caller.call(probe.echo, { text: '' }, probeContext({ requestId: 'find-me' }));
    t.same(await failure(call), ['internal', {}]);
    t.match(log.text(), /identity-taken/);
    t.match(log.text(), /"requestId":"find-me"/);
  });

  t.test('a code that the caller does not know arrives as internal', async (t) => {
    const { caller, server } = await openProbe(t, open);
    const newer = contract({ ...laxer, errors: ['identity-taken'] });
    const handlers = {
      echo: async () => {
        throw new AppError('identity-taken');
      },
    };
    await server.serve({ name: 'probe', version: '2.0.0', contracts: { echo: newer }, handlers });
    t.same(await failure(caller.call(probe.echo, { text: '' }, probeContext())), ['internal', {}]);
  });

  t.test('anything else that a handler throws arrives as internal, without its words', async (t) => {
    const { caller, serve, log } = await openProbe(t, open);
    await serve(() => {
      throw new TypeError('at host db.internal');
    });
    const call = caller.call(probe.echo, { text: '' }, probeContext({ requestId: 'find-me' }));
    t.same(await failure(call), ['internal', {}]);
    t.match(log.text(), /"requestId":"find-me"/);
    t.match(log.text(), /at host db\.internal/);
  });
}
