import { isStorableJson } from '@vestibule/shared/storable-json';
import t from 'tap';

/** Lists in lists, read as a client's body is. */
const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);

t.test('what JSON can say is storable', async (t) => {
  for (const text of [
    '{}',
    'null',
    '"张三 \\ud83d\\ude00"',
    '{"a":[1,-2.5e3,true,null,{"b":""}]}',
    '"\\\\u0000"',
  ]) {
    t.ok(isStorableJson(JSON.parse(text), 100), text);
  }
});

t.test('NUL and half a surrogate pair are not, wherever they stand', async (t) => {
  for (const text of ['"\\u0000"', '{"a":[{"b":"x\\ud800"}]}', '{"a":{"\\udc00":1}}', '["\\u0000"]']) {
    t.notOk(isStorableJson(JSON.parse(text), 100), text);
  }
});

t.test('it may have as many bytes as are allowed, in UTF-8', async (t) => {
  t.ok(isStorableJson({ a: '张三' }, 14));
  t.notOk(isStorableJson({ a: '张三' }, 13));
});

t.test('it may have 64 levels, and a thousand times as many do no harm', async (t) => {
  t.ok(isStorableJson(nested(64), 1_000_000));
  t.notOk(isStorableJson(nested(65), 1_000_000));
  t.notOk(isStorableJson(nested(64_000), 1_000_000));
});
