import t from 'tap';
import { createTimeReader, createTimes } from '../src/time-zone.ts';

t.test('a time is read as it is written, in its zone', async (t) => {
  const rows = [
    ['Asia/Shanghai', '2026-11-21 08:00:05', '2026-11-21T00:00:05.000Z'],
    ['UTC', '2026-11-21 08:00:05', '2026-11-21T08:00:05.000Z'],
    ['America/New_York', '2026-03-08 01:59:59', '2026-03-08T06:59:59.000Z'],
    ['America/New_York', '2026-03-08 03:00:00', '2026-03-08T07:00:00.000Z'],
    ['Pacific/Apia', '2026-01-01 00:00:00', '2025-12-31T11:00:00.000Z'],
  ] as const;
  for (const [zone, text, iso] of rows) {
    t.equal(createTimeReader(zone)(text), iso, `${text} in ${zone}`);
    t.equal(createTimes(zone)(iso), text, `${iso} in ${zone}`);
  }
});

t.test('the part of a second is that of the reader, where the text has none', async (t) => {
  const read = createTimeReader('Asia/Shanghai');
  t.equal(read('2026-11-21 08:00:05', 999), '2026-11-21T00:00:05.999Z');
  t.equal(read('2026-11-21T08:00:05Z', 999), '2026-11-21T08:00:05.000Z');
});

t.test('ISO 8601 has its own zone', async (t) => {
  const read = createTimeReader('Asia/Shanghai');
  t.equal(read('2026-11-21T08:00:05.5Z'), '2026-11-21T08:00:05.500Z');
  t.equal(read('2026-11-21T08:00+02:00'), '2026-11-21T06:00:00.000Z');
});

t.test('what is no time is none', async (t) => {
  const texts = [
    '',
    'now',
    '2026',
    '2026-11-21',
    '2026-11-21T08:00:05',
    '2026-11-21 08:00',
    '2026-13-21 08:00:05',
    '2026-02-30 08:00:05',
    '2026-11-21 24:00:01',
    '2026-03-08 02:30:00',
    '0000-01-01 00:00:00',
    '9999-12-31 23:59:60',
    '2026-11-21T25:00:00Z',
    '2026-13-21T08:00:05Z',
  ];
  for (const text of texts) t.equal(createTimeReader('America/New_York')(text), undefined, text);
});
