import t from 'tap';
import { createPasswordPolicy } from '../src/password-policy.ts';

t.test('the documented policy takes what the documents take', async (t) => {
  const policy = createPasswordPolicy('documented');
  for (const password of ['1', 'password', '密码', 'x'.repeat(128)]) t.doesNotThrow(() => policy(password));
});

t.test('the strong policy wants 8 characters that are not among the commonest', async (t) => {
  const policy = createPasswordPolicy('strong');
  for (const password of ['correct horse', '汉字密码八个字吗', '😀😁😂🤣😃😄😅😆', 'xk7_fq-2']) {
    t.doesNotThrow(() => policy(password), password);
  }
  for (const password of [
    '1',
    'xk7_fq2',
    '密码密码密码密',
    '😀😁😂🤣',
    'password',
    'PassWord',
    '12345678',
    'sunshine',
  ]) {
    t.throws(() => policy(password), { code: 'password-weak' }, password);
  }
});
