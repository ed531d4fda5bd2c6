import { AppError } from '@vestibule/shared/errors';
import t, { type Test } from 'tap';
import { clientOf } from './harness/client.ts';
import { fakeParts } from './harness/fakes.ts';
import { startGateway } from './harness/platform.ts';

type Fake = NonNullable<Parameters<typeof fakeParts>[0]['verification']>;

const shown: Fake = {
  revealCaptcha: async ({ id }) => ({ answer: `of ${id}` }),
  revealCode: async ({ phone }) => ({ code: phone.slice(-6) }),
};
const paths = ['/dev/captcha/123', '/dev/sms/17608037123'] as const;

async function gateway(t: Test, verification: Fake, environment: Record<string, string> = {}) {
  const { parts } = await fakeParts({ verification });
  return clientOf(await startGateway(t, parts, { environment }));
}

t.test('shows what a captcha says and which code went to a phone', async (t) => {
  const { get } = await gateway(t, shown);
  const captcha = await get(paths[0]);
  t.equal(captcha.status, 200);
  t.strictSame(captcha.body, { answer: 'of 123' });
  t.equal(captcha.headers['cache-control'], 'no-store');
  const code = await get(paths[1]);
  t.equal(code.status, 200);
  t.strictSame(code.body, { code: '037123' });
  t.equal(code.headers['cache-control'], 'no-store');
});

async function isUnknown(
  t: Test,
  get: (path: string) => Promise<{ status: number; headers: object }>,
  path: string,
) {
  const { status, headers } = await get(path);
  t.equal(status, 404, path);
  t.match(headers, { 'content-type': /^application\/problem\+json/ }, path);
}

const off = { NODE_ENV: 'production' };
for (const [name, environment] of Object.entries({
  'with DEV_ROUTES=off': { DEV_ROUTES: 'off' },
  'in production': off,
})) {
  t.test(`${name} there is no such path`, async (t) => {
    const { get } = await gateway(t, shown, environment);
    for (const path of paths) await isUnknown(t, get, path);
  });
}

t.test('what is not there, and what the service does not show, is an unknown path', async (t) => {
  const refuse = (code: 'captcha-unknown' | 'code-unknown' | 'not-allowed') => async () =>
    Promise.reject(new AppError(code));
  const unknown = await gateway(t, {
    revealCaptcha: refuse('captcha-unknown'),
    revealCode: refuse('code-unknown'),
  });
  const hidden = await gateway(t, {
    revealCaptcha: refuse('not-allowed'),
    revealCode: refuse('not-allowed'),
  });
  for (const path of paths) {
    await isUnknown(t, unknown.get, path);
    await isUnknown(t, hidden.get, path);
  }
  const { get } = await gateway(t, shown);
  for (const path of ['/dev/captcha/a_b', `/dev/captcha/${'a'.repeat(65)}`, '/dev/captcha/', '/dev/sms/sara'])
    await isUnknown(t, get, path);
});

t.test('a service that is away is told from what is not there', async (t) => {
  const { get } = await gateway(t, {
    revealCaptcha: () => Promise.reject(new AppError('store-unavailable')),
  });
  t.equal((await get(paths[0])).status, 503);
});
