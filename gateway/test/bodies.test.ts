import t from 'tap';
import { clientOf } from './harness/client.ts';
import { account, fakeParts } from './harness/fakes.ts';
import { startGateway } from './harness/platform.ts';

const { parts, asked } = await fakeParts({
  auth: {
    register: async () => ({ account: account(), token: 'a-token' }),
    loginByPassword: async () => ({ account: account(), token: 'a-token' }),
  },
});
const client = clientOf(await startGateway(t, parts));

const fields = { first_name: 'Sara', last_name: '漢', role: '1', password: 'sesame 4711&=+%' };
const json = JSON.stringify(fields);
const form = new URLSearchParams(fields).toString();
const boundary = 'the-boundary';
const part = (name: string, value: string, headers = '') =>
  `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${headers}\r\n\r\n${value}\r\n`;
const closing = `--${boundary}--\r\n`;
const parts4 = Object.entries(fields).map(([name, value]) => part(name, value));
const multipart = [...parts4, closing].join('');
const multipartType = `multipart/form-data; boundary=${boundary}`;

const register = (payload: string | Buffer | undefined, contentType?: string, headers = {}) =>
  client.send('/user/register', payload, {
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...headers,
  });
const bad = { code: 400, msg: 'Bad request' };

t.beforeEach(() => {
  asked.length = 0;
});

const understood: Record<string, [body: string | Buffer, contentType: string]> = {
  JSON: [json, 'application/json'],
  'JSON with a charset': [json, 'application/json; charset=utf-8'],
  'JSON with a charset in capitals and quotes': [json, 'Application/JSON;Charset="UTF-8"'],
  'JSON with a byte order mark': [Buffer.from(`\ufeff${json}`), 'application/json'],
  'JSON with white space': [`\n ${json} \n`, 'application/json'],
  'a form': [form, 'application/x-www-form-urlencoded'],
  'a form as jQuery names it': [form, 'application/x-www-form-urlencoded; charset=UTF-8'],
  multipart: [multipart, multipartType],
  'multipart with a preamble and an epilogue': [`hello\r\n${multipart}goodbye`, multipartType],
};
for (const [name, [body, contentType]] of Object.entries(understood)) {
  t.test(`${name} reaches the service as it was written`, async (t) => {
    t.match(await register(body, contentType), { status: 200, body: { code: 200 } });
    t.match(asked, [
      {
        input: { password: 'sesame 4711&=+%', role: 'donor', profile: { firstName: 'Sara', lastName: '漢' } },
      },
    ]);
  });
}

const unreadable: Record<string, [body: string | Buffer, contentType: string]> = {
  'half of a JSON object': ['{"first_name":', 'application/json'],
  'text that is no JSON': ['first_name=Sara', 'application/json'],
  'a JSON list': ['[{"first_name":"Sara"}]', 'application/json'],
  'a JSON text': ['"first_name"', 'application/json'],
  'a JSON number': ['5', 'application/json'],
  'JSON null': ['null', 'application/json'],
  'JSON that is no UTF-8': [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'application/json'],
  'multipart without a boundary': [multipart, 'multipart/form-data'],
  'multipart that is cut off': [multipart.slice(0, -20), multipartType],
  'multipart that is something else': ['{}', multipartType],
  'a part that is no JSON though it says so': [
    `${part('role', '{', '\r\ncontent-type: application/json')}${closing}`,
    multipartType,
  ],
};
for (const [name, [body, contentType]] of Object.entries(unreadable)) {
  t.test(`${name} answers 400`, async (t) => {
    const { status, body: answer } = await register(body, contentType);
    t.equal(status, 400);
    t.strictSame(answer, bad);
    t.strictSame(asked, []);
  });
}

const unsupported = [
  'text/plain',
  'text/json',
  'application/xml',
  'application/octet-stream',
  'application/vnd.api+json',
  'application/jsonp',
  'application/json-patch+json',
  'application/json; charset=gbk',
  'application/x-www-form-urlencoded; charset=GB2312',
  `${multipartType}; charset=utf-16`,
  'multipart/mixed; boundary=the-boundary',
  'application/json, text/plain',
  ' ',
  'json',
  'application/json\ttext/plain',
];
for (const contentType of unsupported) {
  t.test(`the content type ${JSON.stringify(contentType)} answers 415`, async (t) => {
    const { status, body } = await register(json, contentType);
    t.equal(status, 415);
    t.strictSame(body, bad);
    t.strictSame(asked, [], 'and does not get past the check of its fields');
  });
}
t.test('a body without a content type answers 415', async (t) => {
  const { status, body } = await register(json);
  t.equal(status, 415);
  t.strictSame(body, bad);
});

const empty: Record<string, [body: string | undefined, contentType?: string]> = {
  'no body and no content type': [undefined],
  'no body though a content type says JSON': [undefined, 'application/json'],
  'an empty body as JSON': ['', 'application/json'],
  'an empty form': ['', 'application/x-www-form-urlencoded'],
  'an empty multipart body': [closing, multipartType],
  'an empty object': ['{}', 'application/json'],
};
for (const [name, [body, contentType]] of Object.entries(empty)) {
  t.test(`${name} is a request without fields`, async (t) => {
    const { status, body: answer } = await register(body, contentType);
    t.equal(status, 200);
    t.strictSame(answer, bad);
  });
}

t.test('names that objects inherit are names like any other', async (t) => {
  const hostile = '"__proto__":{"role":"0"},"constructor":{"prototype":{"role":"0"}},"toString":"1"';
  const { role, ...rest } = fields;
  const missing = `{${hostile},${JSON.stringify(rest).slice(1)}`;
  t.strictSame((await register(missing, 'application/json')).body, bad, 'nothing is inherited');
  t.match((await register(`{${hostile},${json.slice(1)}`, 'application/json')).body, { code: 200 });
  t.strictSame(
    asked.map(({ input }) => input),
    [
      {
        identities: [],
        password: 'sesame 4711&=+%',
        role: 'donor',
        status: 'active',
        profile: { firstName: 'Sara', lastName: '漢' },
      },
    ],
  );
  const query = `__proto__=1&constructor=2&__proto__[role]=0&${form}`;
  t.match((await register(query, 'application/x-www-form-urlencoded')).body, { code: 200 });
  t.equal((await register(`${part('__proto__', 'x')}${multipart}`, multipartType)).status, 400);
  t.equal(Object.getPrototypeOf({}).role, undefined);
});

t.test('a field that comes twice in a form is no text; in JSON the last one counts', async (t) => {
  t.strictSame((await register(`${form}&role=0`, 'application/x-www-form-urlencoded')).body, bad);
  t.strictSame((await register(`${part('role', '0')}${multipart}`, multipartType)).body, bad);
  t.match((await register(`{"role":"0",${json.slice(1)}`, 'application/json')).body, { code: 200 });
  t.match(asked, [{ input: { role: 'donor' } }]);
});

t.test('what a form cannot decode stays as it was sent', async (t) => {
  await register('first_name=100%&last_name=%zz&role=1&password=a', 'application/x-www-form-urlencoded');
  t.match(asked, [{ input: { profile: { firstName: '100%', lastName: '%zz' } } }]);
});

t.test('a nested object is JSON text in a form, and an object in JSON', async (t) => {
  const url = '/service/user/update';
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  t.match((await client.send(url, 'openid=o&update=[]', headers)).body, { code: -4 });
  t.match((await client.send(url, 'openid=o&update=x', headers)).body, { code: -3 });
  t.match(
    (await client.send(url, '{"openid":"o","update":[]}', { 'content-type': 'application/json' })).body,
    {
      code: -4,
    },
  );
});

t.test('a body over its limit answers 413', async (t) => {
  const overhead = Buffer.byteLength(JSON.stringify({ ...fields, filler: '' }));
  const fits = JSON.stringify({ ...fields, filler: 'x'.repeat(65_536 - overhead) });
  t.match(await register(fits, 'application/json'), { status: 200, body: { code: 200 } });
  const { status, body } = await register(`${fits} `, 'application/json');
  t.equal(status, 413);
  t.strictSame(body, bad);
  const longForm = `${form}&filler=${'x'.repeat(65_536)}`;
  t.equal((await register(longForm, 'application/x-www-form-urlencoded')).status, 413);
  t.match((await client.send('/service/user/get', `${fits} `, { 'content-type': 'application/json' })).body, {
    code: -1,
  });
});

t.test('multipart has limits of its own', async (t) => {
  const filled = (size: number) => `${part('filler', 'x'.repeat(size))}${multipart}`;
  const overhead = Buffer.byteLength(filled(0));
  t.match(await register(filled(262_144 - overhead), multipartType), { status: 200, body: { code: 200 } });
  const tooLarge: Record<string, string> = {
    'one byte more': filled(262_145 - overhead),
    '65 fields': `${part('a', 'b').repeat(61)}${multipart}`,
    'a file': `${part('avatar', 'x', '; filename="a.png"')}${multipart}`,
  };
  for (const [name, body] of Object.entries(tooLarge)) {
    const answer = await register(body, multipartType);
    t.equal(answer.status, 413, name);
    t.strictSame(answer.body, bad, name);
  }
  t.strictSame(
    asked.map(({ subject }) => subject),
    ['auth.register'],
  );
});
