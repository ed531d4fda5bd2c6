import t from 'tap';
import { identityKey } from '../src/folding.ts';
import { createIdentityDigest } from '../src/identity-digest.ts';

const digestOf = createIdentityDigest('a secret of thirty-two characters');

t.test('an identity that was erased is known again for good, by its kind and what it folds to', async (t) => {
  const phone = '9697336b9d60b543e945e02885a7a936b31ac3f29f27a42a099a755ddafc22d4';
  const nickname = 'b91fe3a6111a4ad7583ba0a947998ebbf1c11b2f490b9d2f2f2ed7eefcc99eb6';
  const hex = (kind: 'phone' | 'nickname', value: string) =>
    digestOf(identityKey({ kind, value })).toString('hex');
  t.equal(hex('phone', '13399990001'), phone);
  t.equal(hex('nickname', '13399990001'), nickname);
  t.equal(hex('nickname', '１３３99990001'), nickname, 'full-width digits are the same nickname');
});

t.test('another secret knows none of them', async (t) => {
  const other = createIdentityDigest('another secret of 32 characters.');
  const identity = { kind: 'phone', folded: '13399990001' } as const;
  t.notSame(other(identity), digestOf(identity));
  t.notSame(createIdentityDigest()(identity), digestOf(identity));
});
