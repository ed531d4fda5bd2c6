import t from 'tap';
import { AppError, codeOf, commonErrorCodes, errorCodes, errorMeanings, isErrorCode } from '../src/errors.ts';

t.test('an AppError says its code, its details, and keeps its cause', async (t) => {
  const cause = new Error('connection refused');
  const error = new AppError('rate-limited', { retryAfterSeconds: 60 }, cause);
  t.equal(error.code, 'rate-limited');
  t.same(error.details, { retryAfterSeconds: 60 });
  t.equal(error.message, 'rate-limited');
  t.equal(error.cause, cause);
  t.equal('cause' in new AppError('busy'), false);
  t.same(new AppError('busy').details, {});
});

t.test('whatever else is thrown has the code internal', async (t) => {
  t.equal(codeOf(new AppError('busy')), 'busy');
  t.equal(codeOf(new TypeError('busy')), 'internal');
  t.equal(codeOf({ code: 'busy' }), 'internal');
  t.equal(codeOf(undefined), 'internal');
});

t.test('only what the catalogue lists is an error code', async (t) => {
  t.equal(isErrorCode('account-unknown'), true);
  for (const text of ['out-of-cheese', 'toString', '__proto__', '', undefined, 3]) {
    t.equal(isErrorCode(text), false);
  }
});

t.test('every code has a name in kebab case and a sentence for operators', async (t) => {
  for (const code of errorCodes) {
    t.match(code, /^[a-z]+(-[a-z]+)*$/);
    t.match(errorMeanings[code], /^[A-Z`].+\.$/);
  }
});

t.test('seven codes may end any call', async (t) => {
  t.same(commonErrorCodes, [
    'unavailable',
    'deadline-passed',
    'database-unavailable',
    'store-unavailable',
    'busy',
    'contract-violated',
    'internal',
  ]);
});
