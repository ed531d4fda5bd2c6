import { execFileSync } from 'node:child_process';
import { freePort, until } from '@vestibule/shared/test/server-process';
import t, { type Test } from 'tap';
import { charityClient } from './harness/charity-client.ts';
import { type Launched, launch, ownSettings, refusal } from './harness/launched.ts';

const source = 'main.ts';

async function started(t: Test, settings: Record<string, string>): Promise<Launched & { url: string }> {
  const launched = launch(t, source, settings);
  const url = await launched.says(/(?<=listens on {3})http:\S+/);
  await launched.says(/curl .*\n/);
  return { ...launched, url };
}

/** What a shell makes of the words of a command line. */
const words = (line: string) =>
  execFileSync('sh', ['-c', `set -- ${line}; printf '%s\\0' "$@"`], { encoding: 'utf8' }).split('\0');

t.test('npm start with nothing set but where it may live', async (t) => {
  const settings = await ownSettings(t);
  const first = await started(t, settings);

  await t.test(
    'says that it is the development profile, where it listens and where its data lie',
    async (t) => {
      t.equal(first.url, `http://127.0.0.1:${settings.PORT}`);
      t.match(first.printed(), /vestibule runs with the development profile/);
      t.match(first.printed(), `documents    ${first.url}/docs\n`);
      t.match(first.printed(), `data         ${settings.DATA_DIR}\n`);
      t.equal(first.complained(), '');
    },
  );

  await t.test('prints a curl line that registers an account when it is pasted', async (t) => {
    const [curl, url = '', header, type = '', data, body = ''] = words(await first.says(/curl .*/));
    t.same([curl, header, data], ['curl', '-H', '-d']);
    const [name = '', value = ''] = type.split(': ');
    const answer = await fetch(url, { method: 'POST', headers: { [name]: value }, body });
    t.match(await answer.json(), {
      code: 200,
      msg: '',
      data: { id: /^\d{8}$/, token: String, role: 'donor', first_name: 'Sara', last_name: 'Hammer' },
    });
  });

  await t.test('answers on the pages that it names', async (t) => {
    for (const path of ['/docs', '/openapi.json', '/health/live', '/health/ready']) {
      t.equal((await fetch(`${first.url}${path}`)).status, 200, path);
    }
  });

  await t.test('keeps the stand-in for WeChat at hand', async (t) => {
    const body = JSON.stringify({ js_code: 'dev:sara' });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${first.url}/service/user/getOpenid`, { method: 'POST', headers, body });
    t.same(await answer.json(), { code: 0, msg: 'success', data: { openid: 'dev-sara' } });
  });

  await t.test('refuses a second process on its data, with a line', async (t) => {
    const { code, lines } = await refusal(t, source, { ...settings, PORT: String(await freePort()) });
    t.equal(code, 1);
    t.match(lines, [/^vestibule cannot start: the data folder \S+ is in use by process \d+: /]);
    t.equal(lines.length, 1);
  });

  await t.test('refuses a second process on its port, with a line', async (t) => {
    const own = { ...settings, DATA_DIR: `${settings.DATA_DIR}-other` };
    t.same(await refusal(t, source, own), {
      code: 1,
      lines: [
        `vestibule cannot start: PORT is not free: something listens on port ${settings.PORT} of 127.0.0.1 already`,
      ],
    });
  });

  const sara = await charityClient(first.url).register('1');
  await t.test('ends in order on SIGTERM, and on a second signal that comes with the first', async (t) => {
    const asked = performance.now();
    first.child.kill('SIGINT');
    first.child.kill('SIGTERM');
    t.equal(await first.ended, 0);
    t.ok(performance.now() - asked < 5000, 'within seconds');
    t.equal(first.complained(), '');
  });

  const second = await started(t, settings);
  await t.test('has its accounts and their sessions after a restart', async (t) => {
    const client = charityClient(second.url);
    t.equal((await client.login(sara.id)).code, 200);
    t.equal(await client.own(sara.id, sara.token), 200);
  });

  await t.test('has every acknowledged account after SIGKILL', async (t) => {
    const client = charityClient(second.url);
    const acknowledged: string[] = [];
    const registering = Array.from({ length: 4 }, async () => {
      for (;;) acknowledged.push((await client.register('1')).id);
    });
    const failed = Promise.allSettled(registering);
    await until('some are acknowledged', () => acknowledged.length >= 20, 60_000);
    second.child.kill('SIGKILL');
    t.equal(await second.ended, 'SIGKILL');
    await failed;

    const third = await started(t, settings);
    const after = charityClient(third.url);
    const codes = await Promise.all(acknowledged.map(async (id) => (await after.login(id)).code));
    t.same(new Set(codes), new Set([200]), `${codes.length} accounts`);
    third.child.kill('SIGTERM');
    t.equal(await third.ended, 0);
  });
});

t.test(
  'with the production profile it logs JSON, warns of what is embedded, and has no stand-ins',
  async (t) => {
    const settings = await ownSettings(t);
    const production = {
      NODE_ENV: 'production',
      KEYS_SECRET: 'a secret of thirty-two characters',
      DIALECTS: 'charity',
    };
    const launched = launch(t, source, { ...settings, ...production });
    await launched.says(/"open".*\n/);
    const lines = launched
      .printed()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const messages = lines.map(({ level, msg }) => `${level} ${msg}`);
    t.ok(
      messages.includes(
        'warn the database is embedded: one process alone, and no promise against power loss',
      ),
    );
    t.match(lines.at(-1), {
      msg: 'open',
      url: `http://127.0.0.1:${settings.PORT}`,
      data: settings.DATA_DIR,
    });
    t.ok(messages.includes(`info listening on http://127.0.0.1:${settings.PORT}`));
    const answer = await fetch(
      `http://127.0.0.1:${settings.PORT}/dev/wechat/sns/jscode2session?js_code=dev:sara`,
    );
    t.equal(answer.status, 404);
    launched.child.kill('SIGTERM');
    t.equal(await launched.ended, 0);
  },
);
