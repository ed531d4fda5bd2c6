import t from 'tap';
import { foldName, identityKey } from '../src/folding.ts';

t.test('nicknames compare by NFKC and lower case, other identities byte by byte', async (t) => {
  const folded = (kind: 'nickname' | 'phone' | 'wechat' | 'openid', value: string) =>
    identityKey({ kind, value }).folded;
  t.equal(folded('nickname', 'Ｓara_①'), 'sara_1');
  t.equal(folded('nickname', 'ﬁrst'), 'first');
  t.equal(folded('nickname', 'E\u0301'), 'é');
  t.equal(folded('nickname', '测试用户5'), '测试用户5');
  t.equal(folded('openid', 'oAbＣ'), 'oAbＣ');
  t.equal(folded('wechat', 'oAb_E\u0301'), 'oAb_E\u0301');
  t.equal(folded('phone', '13333333333'), '13333333333');
});

t.test('an identity that grows too long for an index when it is folded violates the contract', async (t) => {
  t.throws(() => identityKey({ kind: 'nickname', value: '\ufdfa'.repeat(61) }), {
    code: 'contract-violated',
    details: { field: 'nickname' },
  });
  t.equal(identityKey({ kind: 'nickname', value: '\ufdfa'.repeat(60) }).folded.length, 1080);
  t.equal(identityKey({ kind: 'openid', value: '漢'.repeat(128) }).folded.length, 128);
});

t.test('names compare without regard to case, and nothing else', async (t) => {
  t.equal(foldName('ÉMILE Ünal'), 'émile ünal');
  t.equal(foldName('Ａda'), 'ａda');
});
