import { readConfig } from '@vestibule/shared/config';
import { Type } from '@vestibule/shared/schema';
import { isVaried, KeysSecret } from '@vestibule/shared/secret';
import t from 'tap';

t.test('what somebody types to fill 32 places is no secret', async (t) => {
  const typed = [
    'k'.repeat(32),
    '12345678'.repeat(4),
    'password'.repeat(4),
    'changeme'.repeat(4),
    '0123456789abcdef'.repeat(2),
    `${'qwertyuiop'.repeat(3)}qw`,
    '1111111122222222333333334444444',
    '',
  ];
  for (const text of typed) t.equal(isVaried(text), false, text);
});

t.test('what is random is one', async (t) => {
  const random = [
    'e3b0c44298fc1c149afbf4c8996fb924',
    '27ae41e4649b934ca495991b7852b855',
    'h3xRk0mDPyqvW8T1cJzZ5Aa7LqNfU2Ge',
    'correct horse battery staple, and more',
    '31415926535897932384626433832795',
  ];
  for (const text of random) t.equal(isVaried(text), true, text);
});

t.test('eight different characters are enough, and seven are not', async (t) => {
  t.equal(isVaried('abcdefghhgfedcbaaabbccddeeffgghh'), true);
  t.equal(isVaried('abcdefggfedcbaaabbccddeeffgggfed'), false);
});

t.test(
  'the setting takes 32 to 1024 varied characters, or none, and says so where it does not',
  async (t) => {
    const Settings = Type.Object({ KEYS_SECRET: KeysSecret('the same on every replica') });
    const random = 'e3b0c44298fc1c149afbf4c8996fb924';
    t.equal(readConfig(Settings, {}).KEYS_SECRET, undefined);
    t.equal(readConfig(Settings, { KEYS_SECRET: random }).KEYS_SECRET, random);
    const message =
      /^KEYS_SECRET is not valid: at least 32 random characters \(8 different ones or more, and no piece of it repeated\), the same on every replica$/;
    for (const KEYS_SECRET of [random.slice(1), 'k'.repeat(32), `${random}${'x'.repeat(993)}`]) {
      t.throws(() => readConfig(Settings, { KEYS_SECRET }), { name: 'SettingError', message }, KEYS_SECRET);
    }
  },
);
