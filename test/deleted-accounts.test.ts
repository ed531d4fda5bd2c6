import { userContracts } from '@vestibule/shared/contracts/user';
import { until } from '@vestibule/shared/test/server-process';
import { placesOf, storedText } from '@vestibule/shared/test/stored-text';
import t, { type Test } from 'tap';
import { said, startFiveDocuments } from './harness/five-documents.ts';
import { newestTask } from './harness/mini-program.ts';

const platform = await startFiveDocuments(t);
const { clock, parts, client, charity, accounts, medicine, openid, mini } = platform;
const day = 86_400_000;

const boss = await charity.register({ first_name: 'Boss', last_name: 'Boss', role: '0' });
const worker = mini('worker');
await worker.register({ name: 'Worker', role: 'repair' });

/** What they said of themselves through all documents; nobody else says anything like it. */
const words = {
  charity: ['CharityFirst', 'CharityLast'],
  accounts: ['PanelNick', '面板名', '13899990001', 'PanelPosition', 'panel@mail.cn'],
  medicine: ['13899990002'],
  openid: ['o-claimed-canary', '13899990003', 'openid-qq', 'openid-cardno', 'openid-wxid', 'openid-search'],
  repair: [
    'dev-proved',
    'RepairName',
    '13899990004',
    'RepairAddress',
    'RepairCompany',
    'repair@mail.cn',
    'FormTitle',
    'FormDescription',
    'FormLocation',
    'FormDevice',
    'a comment',
    'a thank you',
  ],
};

const donor = await charity.register({ first_name: 'CharityFirst', last_name: 'CharityLast' });
const signUp = {
  nickname: 'PanelNick',
  name: '面板名',
  phone: '13899990001',
  position: 'PanelPosition',
  email: 'panel@mail.cn',
};
const { data: panel } = said(await accounts.signUp(signUp)) as { status: number; data: { id: number } };
await client.send(`/audit/user/${panel.id}`, undefined, { token: boss.token }, { method: 'PUT' });
const panelToken = Object(said(await accounts.login('PanelNick')).data).token;
const phone = await medicine.register('13899990002');
const claimed = {
  openid: 'o-claimed-canary',
  phone: '13899990003',
  qq: 'openid-qq',
  cardno: 'openid-cardno',
  wxid: 'openid-wxid',
};
const { id: openidId } = Object(said(await openid('login', claimed)).data);
await openid('addHistory', { openid: claimed.openid, hist: 'openid-search' });
const proved = mini('proved');
const { id: provedId } = await proved.register({
  name: 'RepairName',
  phone: '13899990004',
  address: 'RepairAddress',
  company: 'RepairCompany',
  email: 'repair@mail.cn',
});
const form = {
  title: 'FormTitle',
  description: 'FormDescription',
  location: 'FormLocation',
  device: 'FormDevice',
};
const { data: repair } = await proved.apply(form, { 'idempotency-key': 'canary' });
await worker.claim(newestTask(repair).id);
await worker.complete(newestTask(repair).id, { report: 'done' });
const { data: reported } = await proved.look(repair.id);
await proved.comment(newestTask(reported).id, 'a comment');
await proved.complete(newestTask(reported).id, { result: 'accepted', comment: 'a thank you' });

const ids = {
  charity: donor.id,
  accounts: panel.id,
  medicine: phone.account.id,
  openid: openidId,
  repair: provedId,
};
const askAsBoss = (path: string, fields: object) => charity.ask(path, fields, boss.token);

/** What they were signed in with. */
const tokens = { charity: donor.token, accounts: panelToken, medicine: phone.token };

/** What nobody may see of a deleted account, and which is so before its erasure and after it. */
async function hidden(test: Test): Promise<void> {
  for (const [document, id] of Object.entries(ids)) {
    const record = said(await client.ask('GET', `/user/${id}`, boss.token));
    test.match(record, { status: 200, message: '用户不存在', data: [] }, `${document}: no record`);
    const avatar = said(await client.ask('GET', `/user/${id}/avatar`, boss.token));
    test.match(avatar, { status: 200, message: '用户不存在' }, `${document}: no picture`);
    const { names } = await parts.bus.call(
      userContracts.names,
      { ids: [Number(id)] },
      { requestId: 'a-request', deadline: clock() + 60_000 },
    );
    test.strictSame(names, [], `${document}: no name`);
    test.match(
      said(await askAsBoss('getuser', { id: String(id) })),
      { code: 200, data: { id: String(id), status: '2' } },
      `${document}: known to admins`,
    );
  }
  for (const [document, token] of Object.entries(tokens)) {
    test.match(said(await client.ask('GET', `/user/${ids.accounts}`, token)), { status: 401 }, document);
    test.match(
      said(await charity.ask('getuser', { id: donor.id }, token)),
      { code: 401 },
      `${document}: the token is dead`,
    );
  }
  test.match(await proved.get('/api/user?view=get_curr_user_info'), { code: -5 });
  test.match(await proved.get('/api/user/export'), { code: -5 });
  test.match(await proved.look(repair.id), { code: -5 });

  const list = said(await client.ask('GET', '/list/user?page=1', boss.token));
  const found = said(await askAsBoss('search', { page: '1' }));
  for (const [document, id] of Object.entries(ids)) {
    test.notMatch(JSON.stringify(list.data), String(id), `${document}: not in the list`);
    test.notMatch(JSON.stringify(found.data), String(id), `${document}: not found`);
  }
  const searched = said(await askAsBoss('search', { first_name: 'CharityFirst' }));
  test.strictSame(searched.data, { id_list: [] });
  test.match(await worker.look(repair.id), { code: 0, data: { applicant: { id: provedId, name: '' } } });

  for (const operation of ['loginByOpenid', 'get', 'getHistory', 'cleanHistory']) {
    const answer = said(await openid(operation, { openid: claimed.openid }));
    test.notMatch(answer, { code: 0 }, `openid: ${operation}`);
    test.notMatch(JSON.stringify(answer), /openid-/);
  }
  test.match(said(await openid('login', claimed)), { code: -2, msg: '账户已被冻结或删除' });

  test.match(said(await accounts.signUp(signUp)), { message: '用户名（nickname）已被使用' });
  await test.rejects(medicine.register('13899990002'), { code: 'identity-taken' });
  const again = { action: 'register', code: 'dev:proved', userinfo: { name: 'again' } };
  test.match(await proved.post('/auth/user', again), { code: -7, msg: '用户已注册' });
}

t.test('what they said is there, and they are signed in', async (t) => {
  const stored = await storedText(parts.database);
  for (const word of Object.values(words).flat()) t.not(placesOf(word, stored).length, 0, word);
  t.match(said(await charity.login(donor.id)), { code: 200 });
  t.match(said(await medicine.login('13899990002')), { re_code: '0' });
  t.match(await proved.login(), { code: 0 });
  t.match(said(await openid('loginByOpenid', { openid: claimed.openid })), { code: 0 });
});

t.test(
  'a deleted account is let in by no document and shown by none, but to admins by getuser',
  async (t) => {
    for (const id of Object.values(ids)) {
      t.match(said(await askAsBoss('status', { id: String(id), status: '2' })), { code: 200 });
    }
    t.match(said(await charity.login(donor.id)), { code: 403 });
    t.match(said(await accounts.login('PanelNick')), { message: '账户已被冻结或删除' });
    t.match(said(await medicine.login('13899990002')), { re_code: '4104' });
    t.match(await proved.login(), { code: -6, msg: '账户已被冻结或删除' });
    await hidden(t);
  },
);

t.test('30 days later no table has a word of it, and it is as hidden as before', async (t) => {
  clock.advance(30 * day);
  const left = async () => {
    const stored = await storedText(parts.database);
    return Object.values(words)
      .flat()
      .flatMap((word) => placesOf(word, stored).map((place) => `${word} in ${place}`));
  };
  await until('it is all erased', async () => (await left()).length === 0, 30_000).catch(() => undefined);
  t.strictSame(await left(), []);
  t.match(said(await charity.login(donor.id)), { code: 401 });
  t.match(said(await accounts.login('PanelNick')), { message: '用户名或密码错误' });
  t.match(said(await medicine.login('13899990002')), { re_code: '4106' });
  t.match(await proved.login(), { code: -4, msg: '用户未注册' });
  await hidden(t);
  t.match(said(await askAsBoss('getuser', { id: donor.id })), {
    data: { first_name: '', last_name: '', status: '2' },
  });
  t.match(await worker.look(repair.id), { data: { status: 'completed', form: {} } });
  const admin = mini('admin');
  await admin.register({ name: 'Admin', role: 'admin' });
  await until('the audit log has it', async () => {
    const { data } = await admin.get<{ total: number }>(
      `/api/audit?account=${provedId}&action=account.erased`,
    );
    return data.total === 1;
  });
});
