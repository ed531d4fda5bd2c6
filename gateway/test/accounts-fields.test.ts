import t from 'tap';
import { passwd, pictureFile, signUpFields, startAccounts } from './harness/accounts.ts';

const accounts = await startAccounts(t, { SIGNUP_RATE: '1000' });
const { client, signUp, signedUp, captcha, dataOf } = accounts;
const boss = await accounts.admin();
const user = await signedUp();

const messages = {
  avatar: '头像（avatar）必须上传，且为一个文件',
  nickname: '用户名（nickname）须为2~16字，只能由汉字、字母、数字、下划线_和破折号-组成',
  passwd: '密码（passwd）须为6~16位，只能由字母、数字、下划线_和破折号-组成',
  repasswd: '确认密码（repasswd）须与密码相同',
  name: '姓名（name）须为2~16字，只能由汉字、字母、数字、下划线_和破折号-组成',
  phone: '手机号（phone）须为11位手机号，禁用虚拟手机号',
  position: '职务（position）须为2~20字，只能由汉字、字母、数字、下划线_和破折号-组成',
  email: '邮箱（email）不能为空，最大254字',
  captcha_code: '验证码（captcha_code）须为5位字母或数字',
  captcha_id: '验证码id（captcha_id）须为获取验证码接口返回的字符串',
  id: '用户id（id）须为整数',
  page: '页码（page）须为正整数',
};
type Field = keyof typeof messages;
type Values = Partial<Record<Field, readonly unknown[]>>;

const names = [
  '',
  '一',
  '漢'.repeat(17),
  '测试 用户',
  'a.b',
  'Ａlice',
  'é-clair',
  '🙂🙂',
  '测试\u0000',
  'かな',
  7,
  {},
];
/** What each field may not be, wherever it is; numbers stand for their text. */
const bad: Values = {
  nickname: names,
  name: names,
  passwd: ['', 'a'.repeat(5), 'a'.repeat(17), 'sesame 4711', 'sesame!4711', '密码密码密码', 12345, {}],
  phone: [
    '',
    '1380013800',
    '138001380000',
    '12345678912',
    '16200000000',
    '16500000000',
    '16700000000',
    '17000000000',
    '17100000000',
    '+8613800138000',
    '138 0013 8000',
    '１３８００１３８０００',
    13800138000.5,
    1380013800,
    {},
  ],
  position: ['', '一', '漢'.repeat(21), '职位 1', '<b>', {}],
  email: ['a'.repeat(255), '🙂'.repeat(255), 'a\u0000@abc.com'],
};
const good: Values = {
  nickname: ['ab', '漢'.repeat(16), '𠮷'.repeat(16), 'A_b-9', '〇々', 42],
  name: ['ab', '漢'.repeat(16), '𠮷'.repeat(16), 'A_b-9'],
  phone: ['13900000000', 19912345678, '14700000000', '19500000000'],
  position: ['ab', '漢'.repeat(20), '职位-1_b'],
  email: ['a', `${'é'.repeat(246)}@abc.com`, '🙂'.repeat(254)],
};
const shown = (value: unknown) => JSON.stringify(value)?.slice(0, 30) ?? 'nothing';
const refused = (cmd: string, field: Field) => ({ cmd, data: [], message: messages[field], status: false });
const each = (values: Values) =>
  Object.entries(values).flatMap(([field, list]) => list.map((value) => ({ field: field as Field, value })));

t.test('signUp names the field whose rule is broken', async (t) => {
  const missing = Object.fromEntries(
    ['avatar', ...Object.keys(signUpFields())].map((field) => [field, [undefined]]),
  );
  const others: Values = {
    email: [''],
    repasswd: ['', 'sesame-4712', 'SESAME-4711'],
    avatar: ['me.png', '', { bytes: [1], filename: 'me.png' }],
  };
  for (const { field, value } of [...each(missing), ...each(bad), ...each(others)]) {
    const { status, body } = await signUp({ [field]: value });
    t.equal(status, 200);
    t.strictSame(body, refused('signUp', field), `${field}: ${shown(value)}`);
  }
});

t.test('signUp takes what the rules allow, counted in characters', async (t) => {
  for (const { field, value } of each(good)) {
    t.match((await signUp({ [field]: value })).body, { status: true }, `${field}: ${shown(value)}`);
  }
  for (const one of ['abcdef', 'a'.repeat(16), '______', '-9-9-9', 123456]) {
    t.match((await signUp({ passwd: one, repasswd: one })).body, { status: true }, shown(one));
  }
});

t.test('signUp keeps what it was given', async (t) => {
  const fields = { name: '𠮷'.repeat(16), phone: '19912345678', position: '职位-1_b', email: '🙂@abc.com' };
  const { id, nickname, token } = await signedUp(fields);
  t.same(dataOf(await client.ask('GET', `/user/${id}`, token)), { id, nickname, ...fields });
});

t.test('signUp needs a file, which only multipart has', async (t) => {
  for (const kind of ['json', 'form'] as const) {
    for (const avatar of [
      'me.png',
      { filename: 'me.png', contentType: 'image/png', bytes: { type: 'Buffer' } },
    ]) {
      const fields = { avatar, ...signUpFields() };
      const { body } = await client.post('/signUp', fields, { kind, method: 'PUT' });
      t.strictSame(body, refused('signUp', 'avatar'));
    }
  }
  const misplaced = { ...signUpFields(), name: pictureFile() };
  const { body } = await client.post('/signUp', misplaced, { kind: 'multipart', method: 'PUT' });
  t.strictSame(body, refused('signUp', 'avatar'), 'a file in the place of another field is none');
});

t.test('login names the field whose rule is broken', async (t) => {
  const wrong: Values = {
    nickname: [...names, undefined],
    passwd: [...(bad.passwd ?? []), undefined],
    captcha_code: ['', 'abcd', 'abcdef', 'ab de', '验证码验证', {}, undefined],
    captcha_id: ['', 'a b', 'a'.repeat(65), '验证码', {}, undefined],
  };
  const given = { nickname: user.nickname, passwd };
  for (const { field, value } of each(wrong)) {
    if (field === 'nickname' && value === 7) continue;
    const { status, body } = await client.post('/login', { ...given, ...(await captcha()), [field]: value });
    t.equal(status, 200);
    t.strictSame(body, refused('login', field), `${field}: ${shown(value)}`);
    accounts.clock.advance(10_000);
  }
});

t.test('the change of a user names the field whose rule is broken, and changes nothing then', async (t) => {
  const url = `/user/${user.id}`;
  const before = dataOf(await client.ask('GET', url, user.token));
  const { passwd: _, ...changeable } = bad;
  for (const { field, value } of each(changeable)) {
    const sent = { email: 'other@abc.com', [field]: value };
    const { body } = await client.post(url, sent, { token: user.token, method: 'PUT' });
    t.strictSame(body, refused(`user/${user.id}`, field), `${field}: ${shown(value)}`);
  }
  t.same(dataOf(await client.ask('GET', url, user.token)), before);
});

t.test('the change of a user writes the given fields and no others', async (t) => {
  const url = `/user/${user.id}`;
  const put = async (fields: object) =>
    (await client.post(url, fields, { token: user.token, method: 'PUT' })).body;
  const before = dataOf<object>(await client.ask('GET', url, user.token));
  const done = { status: true, data: [], message: 'success', cmd: `user/${user.id}` };
  t.strictSame(await put({}), done);
  t.strictSame(await put({ id: 10_000_000, status: 'active', role: 'admin', passwd: 'another-one' }), done);
  t.same(dataOf(await client.ask('GET', url, user.token)), before);
  const nicknames = ['cd', '字'.repeat(16), '𠮶'.repeat(16), 'B_b-9', '〇〇', 43];
  for (const { field, value } of each({ ...good, nickname: nicknames })) {
    t.strictSame(await put({ [field]: value }), done, `${field}: ${shown(value)}`);
    t.match(dataOf(await client.ask('GET', url, user.token)), { [field]: String(value) });
  }
  const taken = await signedUp();
  t.strictSame(await put({ nickname: taken.nickname }), {
    cmd: `user/${user.id}`,
    data: [],
    message: '用户名（nickname）已被使用',
    status: false,
  });
});

t.test('ids and pages are integers', async (t) => {
  for (const id of ['abc', '0', '-1', '1.5', '1e9', '0x10', '007', '%20', '1234567890123456']) {
    const url = `/user/${id}`;
    const cmd = `user/${decodeURIComponent(id)}`;
    t.strictSame((await client.ask('GET', url, boss.token)).body, refused(cmd, 'id'), id);
    t.strictSame((await client.ask('DELETE', url, boss.token)).body, refused(cmd, 'id'), id);
    const options = { token: boss.token, method: 'PUT' } as const;
    t.strictSame((await client.post(url, {}, options)).body, refused(cmd, 'id'), id);
    t.strictSame((await client.post(`/audit${url}`, {}, options)).body, refused('audit/user', 'id'), id);
  }
  for (const page of ['abc', '0', '-1', '1.5', '1e1', '1234567890', '1&page=2']) {
    const { body } = await client.ask('GET', `/list/user?page=${page}`, boss.token);
    t.strictSame(body, refused('list/user', 'page'), page);
  }
});

t.test('a sign-up takes the pictures that the document lists', async (t) => {
  const wrong: [file: File, message: string][] = [
    [pictureFile(Buffer.alloc(30_721)), '头像（avatar）文件最大30k（30720字节）'],
    [
      pictureFile(Buffer.from('<html>'), 'me.html', 'text/html'),
      '头像（avatar）须为png、jpg、jpeg或bmp类型的图片',
    ],
    [pictureFile(undefined, 'me.gif'), '头像（avatar）的文件扩展名或类型与图片内容不符'],
    [pictureFile(undefined, 'me.png', 'image/jpeg'), '头像（avatar）的文件扩展名或类型与图片内容不符'],
    [pictureFile(Buffer.from('89504e470d0a1a0a', 'hex')), '头像（avatar）图片已损坏或不完整'],
  ];
  for (const [avatar, message] of wrong) {
    const { status, body } = await signUp({ avatar });
    t.equal(status, 200);
    t.strictSame(body, { cmd: 'signUp', data: [], message, status: false });
  }
});
