import type { ReplayClient } from './client.ts';

const time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
const words = /\S/;
const done = (data: unknown) => ({ code: 0, msg: 'success', data });
/** The document gives failures their codes; the words are the server's own. */
const failed = (code: number) => ({ code, msg: words, data: [] });

/** The requests of the openid document, each with its good and its documented bad answers. */
export async function replayOpenid({ expect }: ReplayClient, mark: string): Promise<void> {
  const openid = `o-${mark}-xxxxxxxx`;
  const stranger = `o-${mark}-nobody`;
  const at = (operation: string) => `/service/user/${operation}`;
  const user = {
    id: Number,
    openid,
    phone: '12345678912',
    qq: '张三',
    cardno: '0111111111111',
    wxid: 'weixin_id123',
    created_at: time,
    modified_at: time,
  };
  const { phone, qq, cardno, wxid } = user;
  await expect(at('loginByOpenid'), { openid }, failed(-2));
  await expect(at('login'), { openid, phone, qq, cardno, wxid }, done(user));
  await expect(at('login'), { openid, phone: '13333333333', qq, cardno }, done(user));
  await expect(
    at('login'),
    { openid: `${openid}2`, phone, qq, cardno },
    done({ ...user, openid: `${openid}2`, wxid: '' }),
  );
  await expect(at('login'), { openid, qq, cardno }, failed(-1));
  await expect(at('loginByOpenid'), { openid }, done(user));
  await expect(at('loginByOpenid'), {}, failed(-1));

  await expect(at('getOpenid'), { js_code: `dev:${mark}` }, done({ openid: `dev-${mark}` }));
  await expect(at('getOpenid'), { js_code: '033Yyq0w3CZnbN2cvT0w3y9tqS3Yyq0M' }, failed(-2));

  await expect(at('get'), { openid }, done(user));
  await expect(at('get'), {}, failed(-1));
  await expect(at('get'), { openid: stranger }, failed(-4));

  const update = (text: string, expected: unknown, of = openid) =>
    expect(at('update'), { openid: of, update: text }, expected);
  await update('{"phone":"13333333333"}', done([]));
  await expect(at('get'), { openid }, done({ ...user, phone: '13333333333' }));
  await update('{"phone":', failed(-3));
  await update('["phone"]', failed(-4));
  await update('{"phone":{"of":"mine"}}', failed(-4));
  await update('{"phone":"13333333333"}', failed(-2), stranger);
  await expect(at('update'), { openid }, failed(-1));

  const add = (hist: string, entries: string[]) => expect(at('addHistory'), { openid, hist }, done(entries));
  await expect(at('getHistory'), { openid }, done([]));
  await add('123', ['123']);
  await add('456', ['456', '123']);
  await add('123', ['123', '456']);
  await expect(at('addHistory'), { openid }, failed(-1));
  await expect(at('addHistory'), { openid: stranger, hist: '123' }, failed(-2));
  await expect(at('getHistory'), { openid }, done(['123', '456']));
  await expect(at('getHistory'), { openid: stranger }, failed(-2));
  await expect(at('cleanHistory'), { openid }, done([]));
  await expect(at('getHistory'), { openid }, done([]));
  await expect(at('cleanHistory'), { openid: stranger }, failed(-2));
}
