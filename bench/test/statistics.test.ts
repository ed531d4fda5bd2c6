import t from 'tap';
import { percentile, ratios, spreadOf } from '../statistics.ts';

t.test('the median of an odd number of figures is the one in the middle', async (t) => {
  t.strictSame(spreadOf([30, 10, 20]), { median: 20, least: 10, most: 30 });
});

t.test('the median of an even number lies between the two in the middle', async (t) => {
  t.strictSame(spreadOf([40, 10, 20, 30]), { median: 25, least: 10, most: 40 });
});

t.test('nothing has a spread of zeros', async (t) => {
  t.strictSame(spreadOf([]), { median: 0, least: 0, most: 0 });
});

t.test('a percentile is a figure that was measured, by nearest rank', async (t) => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  t.equal(percentile(hundred, 0.5), 50);
  t.equal(percentile(hundred, 0.99), 99);
  t.equal(percentile(hundred, 1), 100);
  t.equal(percentile([7], 0.01), 7);
  t.equal(percentile([], 0.5), 0);
});

t.test('each run is compared with the one beside it', async (t) => {
  t.strictSame(ratios([100, 50, 300], [200, 200, 200]), { median: 0.5, least: 0.25, most: 1.5 });
});
