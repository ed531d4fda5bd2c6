import t from 'tap';
import { markdown, type Report, withFigures } from '../markdown.ts';
import { lines } from '../text.ts';

const spread = { median: 1000, least: 900, most: 1100 };
const side = {
  perSecond: [900, 1000, 1100],
  requestsPerSecond: spread,
  p50Ms: { median: 1.25, least: 1, most: 2 },
  p99Ms: { median: 12.5, least: 10, most: 20 },
  memoryMiB: { gateway: 100.4, auth: 50, postgres: 80 },
};
const report: Report = {
  command: 'read',
  conditions: 'On a quiet machine.',
  measured: [
    {
      workload: 'read',
      title: 'a read',
      accounts: 10_000,
      connections: 32,
      driver: 'wrk',
      seconds: 5,
      sides: [
        { ...side, name: 'platform', cpuMicros: { gateway: 60.2, auth: 0.1, postgres: 20, driver: 9.6 } },
        { ...side, name: 'yardstick', perSecond: [1800, 2000, 2200], cpuMicros: { yardstick: 70 } },
      ],
    },
  ],
  minutes: [],
};

t.test('a person sees speed, CPU of who worked, memory of our own processes, and the ratio', async (t) => {
  const [measured] = report.measured;
  t.ok(measured);
  t.strictSame(measured && lines(measured), [
    'a read; 10000 accounts, 32 connections, wrk',
    '  platform     1000 [900–1100] requests/s, p50 1.25 [1.00–2.00] ms, p99 12.5 [10.0–20.0] ms',
    '               CPU µs/request 80 (gateway 60, postgres 20; driver 10)',
    '               memory MiB 150 (gateway 100, auth 50, postgres 80)',
    '  yardstick    1000 [900–1100] requests/s, p50 1.25 [1.00–2.00] ms, p99 12.5 [10.0–20.0] ms',
    '               CPU µs/request 70 (yardstick 70; driver 0)',
    '               memory MiB 150 (gateway 100, auth 50, postgres 80)',
    '  platform / yardstick: 0.500 [0.500–0.500]',
  ]);
});

t.test('the same is a table for a page', async (t) => {
  const text = markdown(report);
  t.match(text, '`npm run bench -- read`\n\nOn a quiet machine.\n');
  t.match(
    text,
    '| a read; 10000 accounts, 32 connections | platform | 1000 [900–1100] |  | 1.25 [1.00–2.00] | 12.5 [10.0–20.0] | 80 (gateway 60, postgres 20; driver 10) | 150 (gateway 100, auth 50, postgres 80) |',
  );
  t.match(text, '|  | yardstick | 1000 [900–1100] | 0.500 [0.500–0.500] |');
});

t.test('who answered nothing within a run has no figures', async (t) => {
  const none = { median: 0, least: 0, most: 0 };
  const sides = [{ ...side, name: 'yardstick', perSecond: [0], requestsPerSecond: none, cpuMicros: {} }];
  const measured = report.measured.map((one) => ({ ...one, sides }));
  t.match(
    markdown({ ...report, measured }),
    '| yardstick | none was answered within a run |  |  |  |  | 150 (gateway 100, auth 50, postgres 80) |',
  );
});

t.test('minutes of a long run are a table too', async (t) => {
  const minute = { minute: 2, perSecond: 512.4, p99Ms: 30.6, memoryMiB: { gateway: 100 } };
  t.match(markdown({ ...report, measured: [], minutes: [minute] }), '| 2 | 512 | 31 | 100 (gateway 100) |');
});

t.test('figures take the place of the older ones of their section, and of no others', async (t) => {
  const page = '# Page\n<!-- figures: a -->\nold\n<!-- end -->\n<!-- figures: b -->\nkept\n<!-- end -->\n';
  t.equal(
    withFigures(page, 'a', 'new'),
    '# Page\n<!-- figures: a -->\n\nnew\n<!-- end -->\n<!-- figures: b -->\nkept\n<!-- end -->\n',
  );
  t.throws(() => withFigures(page, 'c', 'new'), { message: 'there is no place for the figures: c' });
});
