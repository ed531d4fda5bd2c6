import t from 'tap';
import { refusal } from './harness/launched.ts';

const servers = {
  DATABASE_URL: 'postgres://127.0.0.1:1/none',
  NATS_URL: 'nats://127.0.0.1:1',
  REDIS_URL: 'redis://127.0.0.1:1',
};

t.test('a part that runs alone refuses to start without the servers that it shares', async (t) => {
  const shares = 'it shares these servers with the other processes';
  const cases: [source: string, settings: Record<string, string>, line: string][] = [
    ['gateway/src/server.ts', {}, `gateway cannot start: NATS_URL and REDIS_URL are not set: ${shares}`],
    [
      'services/auth/src/server.ts',
      {},
      `auth cannot start: DATABASE_URL, NATS_URL and REDIS_URL are not set: ${shares}`,
    ],
    [
      'services/user/src/server.ts',
      { DATABASE_URL: servers.DATABASE_URL, NATS_URL: servers.NATS_URL },
      `user cannot start: REDIS_URL is not set: ${shares}`,
    ],
    [
      'services/verification/src/server.ts',
      {},
      `verification cannot start: NATS_URL and REDIS_URL are not set: ${shares}`,
    ],
  ];
  for (const [source, settings, line] of cases) {
    t.same(await refusal(t, source, settings), { code: 1, lines: [line] }, line);
  }
});

t.test(
  'a wrong setting stops a part at once, with a line that names it and does not repeat it',
  async (t) => {
    const cases: [source: string, settings: Record<string, string>, line: RegExp][] = [
      [
        'services/user/src/server.ts',
        { ...servers, DATABASE_URL: 'mysql://secret@127.0.0.1/none' },
        /^user cannot start: DATABASE_URL is not valid: a `postgres:\/\/` URL/,
      ],
      [
        'gateway/src/server.ts',
        { ...servers, NATS_URL: 'http://127.0.0.1:4222' },
        /^gateway cannot start: NATS_URL is not valid: a `nats:\/\/` URL/,
      ],
      [
        'services/auth/src/server.ts',
        { ...servers, NODE_ENV: 'production' },
        /^auth cannot start: KEYS_SECRET is not set: at least 32 random characters/,
      ],
      [
        'services/user/src/server.ts',
        { ...servers, NODE_ENV: 'production' },
        /^user cannot start: KEYS_SECRET is not set: at least 32 random characters/,
      ],
      [
        'services/auth/src/server.ts',
        { ...servers, OPS_PORT: '70000' },
        /^auth cannot start: OPS_PORT is not valid: port of health and metrics/,
      ],
    ];
    for (const [source, settings, line] of cases) {
      const { code, lines } = await refusal(t, source, settings);
      t.same([code, lines.length], [1, 1], source);
      t.match(lines[0], line);
      t.notMatch(lines[0], /secret@/);
    }
  },
);
