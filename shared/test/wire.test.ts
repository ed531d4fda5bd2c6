import t from 'tap';
import { decodeError, encodeError } from '../src/bus/wire.ts';
import { AppError } from '../src/errors.ts';
import { probe } from './harness/bus-probe.ts';

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
