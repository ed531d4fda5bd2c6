import { AppError, type ErrorCode, errorCodes } from '@vestibule/shared/errors';
import t from 'tap';
import { failing as charityFailing } from '../src/dialects/charity/answers.ts';
import { failing as openidFailing } from '../src/dialects/openid/answers.ts';

type Row = [http: number, code: number];

/** contract.md, HTTP status: what the charity and the openid dialect answer; openid's other code is -3, its unknown -4. */
const rows: Record<ErrorCode, [charity: Row, openid: Row]> = {
  unavailable: [
    [503, 503],
    [503, -3],
  ],
  'deadline-passed': [
    [503, 503],
    [503, -3],
  ],
  'database-unavailable': [
    [503, 503],
    [503, -3],
  ],
  'store-unavailable': [
    [503, 503],
    [503, -3],
  ],
  busy: [
    [503, 503],
    [503, -3],
  ],
  'contract-violated': [
    [500, 500],
    [500, -3],
  ],
  internal: [
    [500, 500],
    [500, -3],
  ],
  'body-unreadable': [
    [400, 400],
    [400, -1],
  ],
  'content-type-unsupported': [
    [415, 400],
    [415, -1],
  ],
  'body-too-large': [
    [413, 400],
    [413, -1],
  ],
  'input-invalid': [
    [200, 400],
    [200, -1],
  ],
  'json-invalid': [
    [200, 400],
    [200, -3],
  ],
  'json-unfit': [
    [200, 400],
    [200, -4],
  ],
  'origin-foreign': [
    [403, 401],
    [403, -3],
  ],
  'rate-limited': [
    [429, 429],
    [429, -3],
  ],
  'session-dead': [
    [200, 401],
    [401, -2],
  ],
  'not-allowed': [
    [200, 401],
    [403, -2],
  ],
  'account-pending': [
    [200, 403],
    [403, -2],
  ],
  'account-unknown': [
    [200, 404],
    [200, -4],
  ],
  'account-inactive': [
    [200, 403],
    [200, -3],
  ],
  'account-is-admin': [
    [200, 401],
    [200, -3],
  ],
  'account-not-pending': [
    [200, 400],
    [200, -3],
  ],
  'last-admin': [
    [200, 401],
    [200, -3],
  ],
  'identity-taken': [
    [200, 400],
    [200, -3],
  ],
  'credentials-wrong': [
    [200, 401],
    [200, -3],
  ],
  'password-weak': [
    [200, 400],
    [200, -3],
  ],
  'admin-registration-closed': [
    [200, 401],
    [403, -2],
  ],
  'address-limited': [
    [429, 429],
    [429, -3],
  ],
  'captcha-unknown': [
    [200, 400],
    [200, -3],
  ],
  'captcha-wrong': [
    [200, 400],
    [200, -3],
  ],
  'sms-not-sent': [
    [503, 503],
    [200, -3],
  ],
  'code-unknown': [
    [200, 400],
    [200, -3],
  ],
  'code-wrong': [
    [200, 400],
    [200, -3],
  ],
  'wechat-refused': [
    [200, 400],
    [200, -3],
  ],
  'wechat-unavailable': [
    [503, 503],
    [503, -3],
  ],
  'wechat-data-invalid': [
    [200, 400],
    [200, -3],
  ],
  'process-unknown': [
    [200, 400],
    [200, -3],
  ],
  'process-running': [
    [200, 400],
    [200, -3],
  ],
  'instance-unknown': [
    [200, 400],
    [200, -3],
  ],
  'instance-claimed': [
    [200, 400],
    [200, -3],
  ],
  'instance-finished': [
    [200, 400],
    [200, -3],
  ],
  'task-unknown': [
    [200, 400],
    [200, -3],
  ],
  'task-taken': [
    [200, 400],
    [200, -3],
  ],
  'task-finished': [
    [200, 400],
    [200, -3],
  ],
  'idempotency-conflict': [
    [200, 400],
    [200, -3],
  ],
  'definition-invalid': [
    [200, 400],
    [200, -3],
  ],
};

const charity = charityFailing({ withData: false });
const openid = openidFailing({ other: -3, unknown: -4 });
const codeIn = (body: object) => ('code' in body ? body.code : undefined);

t.strictSame(Object.keys(rows), errorCodes, 'every code of the catalogue has its row');
for (const [code, [charityRow, openidRow]] of Object.entries(rows)) {
  t.test(`${code} has the status and the code of its row in each dialect`, async (t) => {
    const error = new AppError(code as ErrorCode);
    t.strictSame([charity(error).status, codeIn(charity(error).body)], charityRow);
    t.strictSame([openid(error).status, codeIn(openid(error).body)], openidRow);
  });
}

t.test('data is shown with the bad answers for which the charity document shows it', async (t) => {
  const withData = charityFailing({ withData: true });
  const shown = errorCodes.filter((code) => 'data' in withData(new AppError(code)).body);
  t.strictSame(shown, [
    'origin-foreign',
    'not-allowed',
    'account-unknown',
    'account-is-admin',
    'last-admin',
    'admin-registration-closed',
  ]);
  t.strictSame(
    errorCodes.filter((code) => 'data' in charity(new AppError(code)).body),
    [],
  );
});
