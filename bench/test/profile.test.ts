import t from 'tap';
import { drawFlame } from '../flame/drawing.ts';
import { type CpuProfile, fold } from '../flame/profile.ts';

const root = '/work/tree/';
const frame = (functionName: string, url = '', lineNumber = 0) => ({ functionName, url, lineNumber });
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 3, 4, 5, 8] },
    { id: 2, callFrame: frame('(idle)') },
    {
      id: 3,
      callFrame: frame('serve', 'file:///work/tree/gateway/src/app.ts', 41),
      children: [6, 7],
    },
    { id: 4, callFrame: frame('(garbage collector)') },
    { id: 5, callFrame: frame('processTicks', 'node:internal/task_queues', 9) },
    { id: 6, callFrame: frame('send', 'file:///work/tree/node_modules/fastify/lib/reply.js', 99) },
    { id: 7, callFrame: frame('send', 'file:///work/tree/node_modules/fastify/lib/reply.js', 99) },
    { id: 8, callFrame: frame('toggle', 'file:///work/tree/bench/profiled.ts', 10), children: [9] },
    { id: 9, callFrame: frame('post', 'node:inspector', 114) },
  ],
  samples: [2, 3, 6, 7, 4, 5, 2, 9],
  timeDeltas: [1000, 100, 30, 20, 40, 10, 5000, 700],
};

t.test(
  'a profile is folded into who called what for how long, the idle time and the profiler left out',
  async (t) => {
    t.strictSame(fold(profile, root), {
      name: 'all',
      place: '',
      owner: 'engine',
      own: 0,
      total: 200,
      callees: [
        {
          name: 'serve',
          place: 'gateway/src/app.ts:42',
          owner: 'ours',
          own: 100,
          total: 150,
          callees: [
            {
              name: 'send',
              place: 'fastify/lib/reply.js:100',
              owner: 'library',
              own: 50,
              total: 50,
              callees: [],
            },
          ],
        },
        { name: '(garbage collector)', place: '', owner: 'engine', own: 40, total: 40, callees: [] },
        {
          name: 'processTicks',
          place: 'node:internal/task_queues:10',
          owner: 'node',
          own: 10,
          total: 10,
          callees: [],
        },
      ],
    });
  },
);

t.test('a picture shows each frame as wide as its part of the time, and says where it is', async (t) => {
  const picture = drawFlame(fold(profile, root), 'gateway <under> load');
  t.match(picture, '<text x="8" y="16" font-size="13">gateway &lt;under&gt; load</text>');
  t.match(picture, '<title>serve gateway/src/app.ts:42, 75.0 %</title><rect x="0" y="63" width="899.5"');
  t.match(picture, '<title>send fastify/lib/reply.js:100, 25.0 %</title><rect x="0" y="46" width="299.5"');
  t.match(picture, '<title>(garbage collector) , 20.0 %</title><rect x="900"');
  t.notMatch(picture, '(idle)');
});

t.test('what is too narrow to be seen is left out of the picture', async (t) => {
  const long = { ...profile, timeDeltas: [1000, 100_000, 30, 20, 40, 10, 5000] };
  t.notMatch(drawFlame(fold(long, root), 'long'), 'processTicks');
});
