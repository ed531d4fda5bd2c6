import t from 'tap';
import { derivedKey } from '../src/derived-key.ts';

const secret = 'a secret of thirty-two characters';

t.test('what was stored under a key is read with it for good', async (t) => {
  const keys = {
    'auth/signing-keys': '87fd8aa77cd1cf94cfb22077c0171b5569fa2e22018b234938423a7c725e6f68',
    'verification/digests': '619d91f00fa9a73acf0f28eb76813fd2cd91ecbe02e35896586c9de665a67161',
    'user/erased-identities': '4694432036c22959a1389cbf9d26f4846868cfc2fb9398a042614d2aff55c39e',
  };
  for (const [purpose, key] of Object.entries(keys)) {
    t.equal(derivedKey(secret, purpose).toString('hex'), key, purpose);
  }
});
