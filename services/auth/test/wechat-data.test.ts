import { createCipheriv } from 'node:crypto';
import { AppError } from '@vestibule/shared/errors';
import t from 'tap';
import { decryptWeChatData } from '../src/wechat-data.ts';
import { encrypt } from './wechat-stub.ts';

/** The example of Tencent's documentation ("signature, open data, decryption"). */
const tencents = {
  whose: {
    appid: 'wx4f4bc4dec97d474b',
    openid: 'oGZUI0egBJY1zhBYw2KhdUfwVJJE',
    sessionKey: 'tiihtNczf5v6AKRyjwEUhQ==',
  },
  given: {
    data: [
      'CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZMQmRzooG2xrDcvSnxIMXFufNstNGTyaGS9uT5geRa0W4oTOb1WT7fJlAC+oNPdbB+3hVbJSRgv+4l',
      'GOETKUQz6OYStslQ142dNCuabNPGBzlooOmB231qMM85d2/fV6ChevvXvQP8Hkue1poOFtnEtpyxVLW1zAo6/1Xx1COxFvrc2d7UL/lmHInN',
      'lxuacJXwu0fjpXfz/YqYzBIBzD6WUfTIF9GRHpOn/Hz7saL8xz+W//FRAUid1OksQaQx4CMs8LOddcQhULW4ucetDf96JcR3g0gfRK4PC7E/',
      'r7Z6xNrXd2UIeorGj5Ef7b1pJAYB6Y5anaHqZ9J6nKEBvB4DnNLIVWSgARns/8wR2SiRS7MNACwTyrGvt9ts8p12PKFdlqYTopNHR1Vf7Xjf',
      'hQlVsAJdNiKdYmYVoKlaRv85IfVunYzO0IKXsyl7JCUjCpoG20f0a04COwfneQAGGwd5oa+T8yO5hzuyDb/XcxxmK01EpqOyuxINew==',
    ].join(''),
    iv: 'r7BXXKkLb8qrSNn05n0qiA==',
  },
};

const whose = { appid: 'wx-app', openid: 'o-sara', sessionKey: 'HyVFkGl5F5OQWJZZaNzBBg==' };
const profile = {
  openId: 'o-sara',
  nickName: '张三 😀',
  gender: 2,
  watermark: { appid: 'wx-app', timestamp: 1_700_000_000 },
};
const open = (data: string | Buffer, of: object = {}) =>
  decryptWeChatData(encrypt(whose.sessionKey, data), { ...whose, ...of });
const openProfile = (changed: object) => open(JSON.stringify({ ...profile, ...changed }));

t.test("Tencent's published example is opened", async (t) => {
  t.strictSame(decryptWeChatData(tencents.given, tencents.whose), {
    wxUserinfo: {
      nickName: 'Band',
      gender: 1,
      language: 'zh_CN',
      city: 'Guangzhou',
      province: 'Guangdong',
      country: 'CN',
      avatarUrl:
        'http://wx.qlogo.cn/mmopen/vi_32/aSKcBBPpibyKNicHNTMM0qJVh8Kjgiak2AHWr8MHM4WgMEm7GFhsf8OYrySdbvAMvTsw3mo8ibKicsnfN5pRjl1p8HQ/0',
    },
    takenAt: 1_477_314_187,
    unionid: 'ocMvos6NjeKLIBqg5Mr9QjxrP1FA',
  });
});

t.test('what is kept is all but openId, unionId and watermark', async (t) => {
  t.strictSame(openProfile({ unionId: 'u-sara', list: [{ a: null }] }), {
    wxUserinfo: { nickName: '张三 😀', gender: 2, list: [{ a: null }] },
    takenAt: 1_700_000_000,
    unionid: 'u-sara',
  });
  for (const unionId of [undefined, '']) t.equal(openProfile({ unionId }).unionid, null);
  t.strictSame(openProfile({ nickName: undefined, gender: undefined }).wxUserinfo, {});
});

t.test('data of each length are opened, whatever the padding', async (t) => {
  for (let length = 0; length <= 16; length += 1) {
    t.strictSame(openProfile({ nickName: 'x'.repeat(length) }).wxUserinfo, {
      nickName: 'x'.repeat(length),
      gender: 2,
    });
  }
});

/** Encrypts blocks whose last bytes are as given, where a padding should be. */
function encryptedBlocks(text: string, end: readonly number[]): Buffer {
  const room = 16 - ((Buffer.byteLength(text) + end.length) % 16);
  const blocks = Buffer.concat([Buffer.from(text), Buffer.alloc(room % 16, ' '), Buffer.from(end)]);
  const key = Buffer.from(whose.sessionKey, 'base64');
  const cipher = createCipheriv('aes-128-cbc', key, Buffer.alloc(16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(blocks), cipher.final()]);
}
const zeroIv = Buffer.alloc(16).toString('base64');
const padded = (...end: number[]) => ({
  data: encryptedBlocks(JSON.stringify(profile), end).toString('base64'),
  iv: zeroIv,
});

t.test('all that can be wrong is one and the same error', async (t) => {
  const good = encrypt(whose.sessionKey, JSON.stringify(profile));
  const bytes = Buffer.from(good.data, 'base64');
  const given = (changed: Partial<typeof good>) => () => decryptWeChatData({ ...good, ...changed }, whose);
  const of = (changed: object) => () => decryptWeChatData(good, { ...whose, ...changed });
  const long = 'x'.repeat(8192 - Buffer.byteLength('{"nickName":"","gender":2}'));

  t.match(given({})(), { takenAt: 1_700_000_000 }, 'as it came it is good');
  t.match(decryptWeChatData(padded(2, 2), whose), { takenAt: 1_700_000_000 });
  t.match(openProfile({ nickName: long }), { takenAt: 1_700_000_000 }, '8 KiB are good');

  const wrong: Record<string, () => unknown> = {
    'no data': given({ data: '' }),
    'data that are no Base64': given({ data: `${good.data.slice(0, -4)}!!!!` }),
    'data whose + became spaces': given({ data: ` ${good.data.slice(1)}` }),
    'data without their padding of Base64': given({
      data: `${Buffer.alloc(16).toString('base64').slice(0, -2)}`,
    }),
    'data cut within a block': given({ data: bytes.subarray(0, -1).toString('base64') }),
    'data cut between blocks': given({ data: bytes.subarray(0, -16).toString('base64') }),
    'data with a byte changed': given({
      data: Buffer.concat([Buffer.of((bytes[0] ?? 0) ^ 1), bytes.subarray(1)]).toString('base64'),
    }),
    'an iv that is no Base64': given({ iv: 'not base64' }),
    'an iv of 15 bytes': given({ iv: Buffer.alloc(15).toString('base64') }),
    'another iv': given({ iv: zeroIv }),
    'another session key': of({ sessionKey: 'tiihtNczf5v6AKRyjwEUhQ==' }),
    'a session key of 15 bytes': of({ sessionKey: Buffer.alloc(15).toString('base64') }),
    'no session key': of({ sessionKey: null }),
    'padding of 0': () => decryptWeChatData(padded(0), whose),
    'padding of 17': () => decryptWeChatData(padded(17), whose),
    'padding of 255': () => decryptWeChatData(padded(255), whose),
    'padding of unequal bytes': () => decryptWeChatData(padded(1, 2), whose),
    'no JSON': () => open('not json'),
    'text that is no UTF-8': () => open(Buffer.from([0x22, 0xff, 0x22])),
    'JSON but no object': () => open('[]'),
    'JSON null': () => open('null'),
    'no watermark': () => openProfile({ watermark: undefined }),
    'a watermark of another app': () => openProfile({ watermark: { appid: 'wx-other', timestamp: 1 } }),
    'a watermark without a time': () => openProfile({ watermark: { appid: 'wx-app' } }),
    'a time before 1970': () => openProfile({ watermark: { appid: 'wx-app', timestamp: -1 } }),
    'no openId': () => openProfile({ openId: undefined }),
    "somebody else's openId": () => openProfile({ openId: 'o-ann' }),
    'another app than that of the code': of({ appid: 'wx-other' }),
    'a unionId that cannot be stored': () => openProfile({ unionId: 'a\u0000' }),
    'a NUL': () => openProfile({ nickName: 'a\u0000b' }),
    'half a surrogate pair': () => openProfile({ deep: [{ text: '\ud800' }] }),
    'a name that cannot be stored': () => openProfile({ 'a\u0000': 1 }),
    'a byte more than 8 KiB': () => openProfile({ nickName: `${long}x` }),
    'ten thousand levels': () => open(`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`),
  };
  for (const [name, opening] of Object.entries(wrong)) {
    t.test(name, async (t) => {
      t.throws(opening, { name: 'AppError', code: 'wechat-data-invalid', details: {} });
      const thrown = (() => {
        try {
          return opening();
        } catch (error) {
          return error;
        }
      })();
      t.ok(thrown instanceof AppError && thrown.cause === undefined, 'it says no more than the others');
    });
  }
});
