import t from 'tap';
import { createSecretBox } from '../src/secret-box.ts';

const secret = 'a secret of thirty-two characters';
const box = createSecretBox(secret, 'signing-keys');

t.test('what is sealed can be opened again, and says nothing before', async (t) => {
  const sealed = box.seal('the text', 'row 1');
  t.equal(box.seals, true);
  t.match(sealed, /^aes-256-gcm:[\w-]{16}:[\w-]{22}:[\w-]{11}$/);
  t.strictSame(box.open(sealed, 'row 1'), { text: 'the text', sealed: true });
  t.strictSame(createSecretBox(secret, 'signing-keys').open(sealed, 'row 1'), {
    text: 'the text',
    sealed: true,
  });
  t.not(box.seal('the text', 'row 1'), sealed, 'nor is it the same twice');
});

t.test('it opens with its own secret, for its own purpose and in its own row alone', async (t) => {
  const sealed = box.seal('the text', 'row 1');
  t.equal(box.open(sealed, 'row 2'), 'unreadable');
  t.equal(createSecretBox(secret, 'wechat').open(sealed, 'row 1'), 'unreadable');
  t.equal(createSecretBox(`${secret}!`, 'signing-keys').open(sealed, 'row 1'), 'unreadable');
  t.equal(createSecretBox(undefined, 'signing-keys').open(sealed, 'row 1'), 'unreadable');
});

t.test('text that was altered, or cut, cannot be opened', async (t) => {
  const [mark = '', iv = '', tag = '', sealed = ''] = box.seal('the text', 'row 1').split(':');
  const flipped = (part: string) => (part.startsWith('A') ? 'B' : 'A') + part.slice(1);
  const altered = [
    [mark, flipped(iv), tag, sealed],
    [mark, iv, flipped(tag), sealed],
    [mark, iv, tag, flipped(sealed)],
    // A shorter tag is guessed sooner.
    [mark, iv, Buffer.from(tag, 'base64url').subarray(0, 4).toString('base64url'), sealed],
    [mark, iv, '', sealed],
    [mark, '', tag, sealed],
    [mark, iv, tag],
    [mark],
    [''],
  ];
  for (const parts of altered) t.equal(box.open(parts.join(':'), 'row 1'), 'unreadable', parts.join(':'));
});

t.test('without a secret text stays as it is, and can be read with a secret too', async (t) => {
  const open = createSecretBox(undefined, 'signing-keys');
  t.equal(open.seals, false);
  t.equal(open.seal('the: text', 'row 1'), 'plain:the: text');
  t.strictSame(open.open('plain:the: text', 'row 1'), { text: 'the: text', sealed: false });
  t.strictSame(box.open('plain:the: text', 'row 1'), { text: 'the: text', sealed: false });
});
