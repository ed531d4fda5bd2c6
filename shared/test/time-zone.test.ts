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

t.test('a time of a day on which the clocks are put is written as they show it', async (t) => {
  const rows = [
    ['America/New_York', '2026-03-08T06:59:59.999Z', '2026-03-08 01:59:59'],
    ['America/New_York', '2026-03-08T07:00:00.000Z', '2026-03-08 03:00:00'],
    ['America/New_York', '2026-03-08T00:00:00.000Z', '2026-03-07 19:00:00'],
    ['America/New_York', '2026-03-08T23:59:59.000Z', '2026-03-08 19:59:59'],
    ['America/New_York', '2026-03-09T00:00:00.000Z', '2026-03-08 20:00:00'],
    ['America/New_York', '2026-11-01T05:59:59.000Z', '2026-11-01 01:59:59'],
    ['America/New_York', '2026-11-01T06:00:00.000Z', '2026-11-01 01:00:00'],
    ['Australia/Lord_Howe', '2026-04-04T14:59:59.000Z', '2026-04-05 01:59:59'],
    ['Australia/Lord_Howe', '2026-04-04T15:00:00.000Z', '2026-04-05 01:30:00'],
    ['Pacific/Apia', '2011-12-30T09:59:59.000Z', '2011-12-29 23:59:59'],
    ['Pacific/Apia', '2011-12-30T10:00:00.000Z', '2011-12-31 00:00:00'],
    ['Asia/Shanghai', '1900-12-31T15:54:16.000Z', '1900-12-31 23:59:59'],
    ['Asia/Shanghai', '1900-12-31T15:54:17.000Z', '1900-12-31 23:54:17'],
    ['Asia/Shanghai', '1969-12-31T23:59:59.999Z', '1970-01-01 07:59:59'],
    ['Asia/Shanghai', '9999-12-31T15:59:59.000Z', '9999-12-31 23:59:59'],
  ] as const;
  const zones = new Map(rows.map(([zone]) => [zone, createTimes(zone)]));
  // The second time from what was kept of the first one.
  for (const [zone, iso, text] of [...rows, ...rows])
    t.equal(zones.get(zone)?.(iso), text, `${iso} in ${zone}`);
});

t.test('more days than are kept are written all the same', async (t) => {
  const write = createTimes('Asia/Shanghai');
  const noon = Date.parse('2000-01-01T12:00:00.000Z');
  const days = Array.from({ length: 9000 }, (_, day) => new Date(noon + day * 86_400_000).toISOString());
  const texts = days.map(write);
  t.equal(texts[0], '2000-01-01 20:00:00');
  t.equal(texts[8999], '2024-08-21 20:00:00');
  t.strictSame(
    texts,
    days.map((iso) => `${iso.slice(0, 10)} 20:00:00`),
  );
  t.equal(write('2000-01-01T12:00:00.000Z'), '2000-01-01 20:00:00');
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
