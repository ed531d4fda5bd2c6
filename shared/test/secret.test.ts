import { isVaried } from '@vestibule/shared/secret';
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
