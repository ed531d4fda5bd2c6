import { AppError } from '@vestibule/shared/errors';
import t from 'tap';
import { checkForm } from '../src/form.ts';

const schema = {
  type: 'object',
  required: ['title', 'count'],
  properties: {
    title: { type: 'string', minLength: 1, maxLength: 5 },
    count: { type: 'integer', minimum: 1, maximum: 9 },
    note: { type: 'string', maxLength: 10_000 },
    urgency: { type: 'string', enum: ['low', 'high', '1'], default: 'low' },
    price: { type: 'number', minimum: -1.5 },
    agreed: { type: 'boolean' },
    at: { type: 'string', format: 'date-time' },
    day: { type: 'string', format: 'date' },
    email: { type: 'string', format: 'email' },
    phone: { type: 'string', format: 'phone' },
    tags: { type: 'array', minItems: 1, maxItems: 3, items: { type: 'string', maxLength: 4 } },
    numbers: { type: 'array', maxItems: 100, items: { type: 'integer' } },
    place: {
      type: 'object',
      required: ['room'],
      properties: {
        room: { type: 'string', maxLength: 10 },
        floor: { type: 'integer', default: 1 },
        doors: { type: 'array', maxItems: 2, items: { type: 'boolean' } },
      },
    },
    constructor: { type: 'string', maxLength: 10 },
  },
};
/** What every accepted form here has. */
const good = { title: '空调', count: 2 };

/** The field that a form is refused for; undefined: it is accepted. */
function refused(form: Record<string, unknown>): string | undefined {
  try {
    checkForm(schema, form, 'form');
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'input-invalid') throw error;
    return error.details.field;
  }
}

t.test('a form is kept with its defaults and without what its schema does not name', async (t) => {
  t.strictSame(checkForm(schema, { ...good, colour: 'red', place: { room: 'A1', lift: true } }, 'form'), {
    title: '空调',
    count: 2,
    urgency: 'low',
    place: { room: 'A1', floor: 1 },
  });
});

t.test(
  'numbers and booleans that a form sends as text are converted, and numbers where text is wanted',
  async (t) => {
    const sent = {
      title: 123,
      count: '3',
      urgency: 1,
      price: '-0.25',
      agreed: 'false',
      numbers: ['7', -8],
      place: { room: 12, floor: '-2', doors: ['true', false] },
    };
    t.strictSame(checkForm(schema, sent, 'form'), {
      title: '123',
      count: 3,
      urgency: '1',
      price: -0.25,
      agreed: false,
      numbers: [7, -8],
      place: { room: '12', floor: -2, doors: [true, false] },
    });
  },
);

t.test('an optional field that is sent empty is absent, or its default', async (t) => {
  const empty = { urgency: '', price: '', agreed: null, at: '', tags: '', place: null };
  t.strictSame(checkForm(schema, { ...good, ...empty }, 'form'), { ...good, urgency: 'low' });
});

t.test('a required field that is sent empty is what was sent', async (t) => {
  t.equal(refused({ ...good, title: '' }), 'form.title');
  t.equal(refused({ ...good, title: null }), 'form.title');
  t.equal(refused({ ...good, place: { room: '' } }), undefined);
});

t.test('characters are counted as a reader counts them', async (t) => {
  t.strictSame(checkForm(schema, { ...good, title: '😀😀😀😀😀' }, 'form').title, '😀😀😀😀😀');
  t.equal(refused({ ...good, title: '😀😀😀😀😀😀' }), 'form.title');
});

t.test('what the schema allows is accepted', async (t) => {
  const accepted: Record<string, readonly unknown[]> = {
    note: ['\n\t', 'x'.repeat(10_000), '__proto__'],
    price: [0, -1.5, 1e300, '12345.5'],
    at: [
      '2026-11-21T10:00:00Z',
      '2026-11-21T10:00:00.123+08:00',
      '2024-02-29T23:59:59-23:59',
      '1000-01-01T00:00:00Z',
    ],
    day: ['2024-02-29', '9999-12-31'],
    email: ['a@b.cn', '张三@例子.中国'],
    phone: ['12345', '+86 138-0013-8000'],
    tags: [['a'], ['a', 'b', 1234]],
    constructor: ['x'],
  };
  for (const [name, values] of Object.entries(accepted)) {
    for (const value of values) t.equal(refused({ ...good, [name]: value }), undefined, `${name} ${value}`);
  }
});

t.test('what breaks the schema is refused, and its field is named', async (t) => {
  const broken: Record<string, readonly unknown[]> = {
    title: [true, false, {}, [], ['x'], 1.5, 2 ** 53, '123456', undefined],
    count: [0, 10, '0', '1.5', 1.5, 'two', '', ' 2', '2e0', '0x2', 'Infinity', true, [2], {}, -0, undefined],
    note: ['x'.repeat(10_001), 'a\u0000b', 'a\ud800', '\udc00', 'x'.repeat(1_000_000)],
    urgency: ['middle', 'LOW', ['low'], true],
    price: [-1.6, 'NaN', '1,5', '9'.repeat(16), Number.NaN, Number.POSITIVE_INFINITY, []],
    agreed: ['yes', '1', 1, 0, 'TRUE', [true]],
    at: [
      '2026-11-21',
      '2026-11-21T10:00:00',
      '2026-11-21 10:00:00Z',
      '2026-02-30T10:00:00Z',
      '2026-13-01T10:00:00Z',
      '2026-11-21T24:00:00Z',
      '2026-11-21T10:60:00Z',
      '2026-11-21T10:00:60Z',
      '2026-11-21T10:00:00+24:00',
      '0000-01-01T00:00:00Z',
      '0999-12-31T23:59:59Z',
      '9999-12-31T23:59:59-01:00',
      '+12026-11-21T10:00:00Z',
      '2026-11-21T10:00:00Z\n',
      'tomorrow',
      1_800_000_000_000,
    ],
    day: ['2026-02-29', '2026-1-1', '0000-01-01', '21.11.2026'],
    email: ['a', 'a@b', '@b.c', 'a@b.', 'a b@c.d', 'a@b@c.d', `${'x'.repeat(250)}@b.cn`],
    phone: ['1234', '1'.repeat(21), '12345a', '１２３４５'],
    tags: [[], ['a', 'b', 'c', 'd'], 'a', { 0: 'a', length: 1 }],
    numbers: [Array.from({ length: 1_000_000 }, () => 1)],
    place: [[], 'A1'],
  };
  for (const [name, values] of Object.entries(broken)) {
    for (const value of values) {
      t.equal(refused({ ...good, [name]: value }), `form.${name}`, `${name} ${String(value).slice(0, 40)}`);
    }
  }
});

t.test('a value within a list or a group is named by its path', async (t) => {
  t.equal(refused({ ...good, tags: ['a', 'b', 'ccccc'] }), 'form.tags.2');
  t.equal(refused({ ...good, tags: [['a']] }), 'form.tags.0');
  t.equal(refused({ ...good, numbers: [1, 'x'] }), 'form.numbers.1');
  t.equal(refused({ ...good, place: {} }), 'form.place.room');
  t.equal(refused({ ...good, place: { room: 'A1', floor: 'x' } }), 'form.place.floor');
  t.equal(refused({ ...good, place: { room: 'A1', doors: [true, 'no'] } }), 'form.place.doors.1');
});

t.test('of several fields that break their rules the first of the schema is named', async (t) => {
  t.equal(refused({}), 'form.title');
  t.equal(refused({ note: 1.5, count: 0, title: 'x' }), 'form.count');
});

t.test('the names that JavaScript itself uses are names like any other', async (t) => {
  const sent = JSON.parse('{"title":"x","count":1,"__proto__":{"note":"n","agreed":true},"toString":"y"}');
  const read = checkForm(schema, sent, 'form');
  t.strictSame(read, { title: 'x', count: 1, urgency: 'low' });
  t.equal(Object.getPrototypeOf(read), Object.prototype);
  t.strictSame(checkForm(schema, JSON.parse('{"title":"x","count":1,"constructor":"c"}'), 'form'), {
    title: 'x',
    count: 1,
    urgency: 'low',
    constructor: 'c',
  });
  t.equal(refused(JSON.parse('{"__proto__":{"title":"x","count":1}}')), 'form.title');
});

t.test('nesting, however deep, is refused where a value is wanted, and dropped where none is', async (t) => {
  const deep: unknown = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`);
  t.equal(refused({ ...good, note: deep }), 'form.note');
  t.equal(refused({ ...good, numbers: deep }), 'form.numbers.0');
  t.strictSame(checkForm(schema, { ...good, unknown: deep }, 'form'), { ...good, urgency: 'low' });
});

t.test('a form is 16 KiB at most, whatever its schema allows', async (t) => {
  const wide = { type: 'object', properties: { a: { type: 'string', maxLength: 10_000 } } };
  t.ok(checkForm(wide, { a: '中'.repeat(5458) }, 'form'));
  t.throws(() => checkForm(wide, { a: '中'.repeat(5460) }, 'form'), {
    code: 'input-invalid',
    details: { field: 'form' },
  });
});
