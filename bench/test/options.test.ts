import t from 'tap';
import { readOptions } from '../options.ts';

t.test('without arguments all workloads run, beside the yardstick', async (t) => {
  const options = readOptions([]);
  t.match(options, { runs: 5, seconds: 5, warmUpSeconds: 2, accounts: [10_000], yardstick: 'with' });
  t.ok(options?.workloads.includes('read'));
  t.ok(options?.workloads.includes('mix'));
});

t.test('named workloads run in the order in which they do not disturb each other', async (t) => {
  t.strictSame(readOptions(['register', 'read'])?.workloads, ['read', 'register']);
});

t.test('against another commit the yardstick stays out', async (t) => {
  t.match(readOptions(['--against', 'HEAD~3', 'read']), { against: 'HEAD~3', yardstick: 'without' });
  t.match(readOptions(['--yardstick-only']), { yardstick: 'alone' });
});

t.test('sizes and replicas are read', async (t) => {
  const options = readOptions(['--accounts', '100000,10000', '--replicas', 'gateway=2,user=3']);
  t.strictSame(options?.accounts, [10_000, 100_000]);
  t.strictSame(options?.replicas, { gateway: 2, user: 3 });
});

t.test('the least that makes sense is taken', async (t) => {
  const options = readOptions(['--runs', '1', '--seconds', '1', '--accounts', '1000', '--minutes', '1']);
  t.match(options, { runs: 1, seconds: 1, accounts: [1000], minutes: 1, yardstick: 'without' });
});

t.test('help is asked for by --help', async (t) => {
  t.equal(readOptions(['--help']), null);
});

t.test('what cannot be meant is refused in words', async (t) => {
  const refused = {
    'there is no workload nonsense': ['nonsense'],
    '--runs takes a whole number from 1 on, not 0': ['--runs', '0'],
    '--accounts takes a whole number from 1000 on, not 10k': ['--accounts', '10k'],
    '--replicas: there is no part postgres': ['--replicas', 'postgres=2'],
    '--no-yardstick and --yardstick-only leave nothing': ['--no-yardstick', '--yardstick-only'],
  };
  for (const [message, args] of Object.entries(refused)) t.throws(() => readOptions(args), { message });
});
