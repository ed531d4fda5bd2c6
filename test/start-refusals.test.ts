import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { ownSettings, refusal } from './harness/launched.ts';

const source = 'main.ts';

t.test('a start that cannot be says why in one line', async (t) => {
  const settings = await ownSettings(t);
  const file = join(t.testdir({ data: '' }), 'data');
  await writeFile(file, 'a file');
  const production = {
    NODE_ENV: 'production',
    KEYS_SECRET: 'a secret of thirty-two characters',
    DIALECTS: 'charity',
  };
  const cases: [changed: Record<string, string>, line: string | RegExp][] = [
    [{ PORT: 'high' }, 'PORT is not valid: port of the documented APIs; 0 takes a free one'],
    [{ HOST: '192.0.2.1' }, 'HOST is not valid: 192.0.2.1 is no address of this machine'],
    [
      { DATA_DIR: file },
      `DATA_DIR is not valid: ${file} cannot be written: EEXIST: file already exists, mkdir '${file}'`,
    ],
    [{ NATS_URL: 'localhost' }, /^NATS_URL is not valid: a `nats:\/\/` URL/],
    [{ NODE_ENV: 'production' }, /^KEYS_SECRET is not set: /],
    [
      { NODE_ENV: 'production', KEYS_SECRET: 'short' },
      /^KEYS_SECRET is not valid: at least 32 random characters/,
    ],
    [
      { ...production, KEYS_SECRET: 'k'.repeat(32) },
      /^KEYS_SECRET is not valid: at least 32 random characters \(8 different ones or more/,
    ],
    [{ ...production, DIALECTS: 'openid' }, /^WECHAT_APPID is not set: /],
    [{ ...production, DIALECTS: 'medicine' }, /^SMS_PROVIDER is not valid: inbox is for development/],
    [{ ...production, DEV_ROUTES: 'on' }, /^DEV_ROUTES is not valid: /],
    [{ ...production, LIMITS: 'off' }, /^LIMITS is not valid: /],
  ];
  for (const [changed, line] of cases) {
    const { code, lines } = await refusal(t, source, { ...settings, ...changed });
    const [complaint = '', ...more] = lines;
    t.same([code, more], [1, []], JSON.stringify(changed));
    const reason = complaint.replace('vestibule cannot start: ', '');
    t.match(reason, line);
  }
});
