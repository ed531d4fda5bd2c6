/**
 * What a call costs that goes to the database: CPU of this process and of Postgres, in microseconds per call.
 *
 *   node bin/launch.mjs node bench/database.ts [postgres|embedded] [SECONDS] [TREE] [CALL...]
 *
 * Asks the services user and auth for SECONDS (2) each, 64 at once, after half of it to warm up; their handlers are
 * called without a bus, the store is in the process, and passwords are not hashed: what is left is the way to the
 * rows and back. Postgres is one of its own on this machine, without fsync. TREE is the root of another checkout with
 * its packages, whose services are measured in the place of this one's. CALL names those to measure (all).
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CallContext } from '@vestibule/shared/call-context';
import { authContracts } from '@vestibule/shared/contracts/auth';
import type { Contract, ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import { userContracts } from '@vestibule/shared/contracts/user';
import { memoryEvents } from '@vestibule/shared/events/memory-events';
import { createLogger } from '@vestibule/shared/logger';
import { memoryStore } from '@vestibule/shared/store/memory-store';
import { startPostgresServer } from '@vestibule/shared/test/postgres-server';
import fastify from 'fastify';
import pg from 'pg';

const [kind = 'postgres', seconds = '2', tree = '.', ...named] = process.argv.slice(2);
const root = resolve(tree);
const atOnce = 64;
const accounts = 2000;
const logger = createLogger({ level: 'silent', name: 'bench' });

/** User and system time of a process that a line of /proc tells, in microseconds. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** All backends of a Postgres. */
function backendsCpu(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + cpuOf(Number(child)), 0);
}

function ownCpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

type Handler = (input: unknown, context: CallContext) => Promise<unknown>;

/** A bus that is no more than a table of handlers. */
function directCalls() {
  const handlers = new Map<string, Handler>();
  return {
    async serve(served: { contracts: Record<string, Contract>; handlers: Record<string, Handler> }) {
      for (const [name, handler] of Object.entries(served.handlers)) {
        const subject = served.contracts[name]?.subject;
        if (subject !== undefined) handlers.set(subject, handler);
      }
      return { async drain() {} };
    },
    async call<C extends Contract>(
      contract: C,
      input: RequestOf<C>,
      context: CallContext,
    ): Promise<ReplyOf<C>> {
      const handler = handlers.get(contract.subject);
      if (handler === undefined) throw new Error(`${contract.subject} is not served`);
      return (await handler(input, context)) as ReplyOf<C>; // Its own handler's answer.
    },
    async ready() {
      return true;
    },
    async close() {},
  };
}

const load = (path: string) => import(join(root, path));
const [{ postgresDatabase }, { pgliteDatabase }, { userService }, { authService }] = await Promise.all([
  load('shared/src/database/postgres.ts'),
  load('shared/src/database/pglite.ts'),
  load('services/user/src/index.ts'),
  load('services/auth/src/index.ts'),
]);
const [{ UserSettings }, { readAuthSettings }, { readConfig }] = await Promise.all([
  load('services/user/src/config.ts'),
  load('services/auth/src/config.ts'),
  load('shared/src/config.ts'),
]);

const server = kind === 'postgres' ? await startPostgresServer() : undefined;
const database = server
  ? postgresDatabase({ url: server.url, timeoutMs: 3000, poolSize: 10, logger })
  : await pgliteDatabase({ dataDir: undefined, logger });
const bus = directCalls();
const events = memoryEvents({ logger });
const parts = { bus, database, events, store: memoryStore({ clock: Date.now }), clock: Date.now };
const app = fastify();
const settings = { KEYS_SECRET: 'a secret of the benchmark, and of nothing else', LIMITS: 'on' };
await app.register(userService, { parts, settings: readConfig(UserSettings, settings) });
await app.register(authService, {
  parts,
  settings: readAuthSettings({ ...settings, GUESS_ADDRESS_LIMIT: '1000000' }),
  engine: { hash: async (text: string) => `hash of ${text}`, verify: async () => true },
});
await app.ready();

const context = (): CallContext => ({
  requestId: '0b0b5c5e-71b6-4d5c-8f0e-000000000001',
  deadline: Date.now() + 10_000,
});
const nick = (number: number) => ({ kind: 'nickname' as const, value: `Nick ${number}` });
let last = 0;
const register = () => {
  last += 1;
  return bus.call(
    authContracts.register,
    {
      identities: [nick(last), { kind: 'phone', value: String(13_000_000_000 + last) }],
      password: 'correct horse battery',
      role: 'normal',
      status: 'active',
      profile: { name: 'A name', company: 'A company' },
    },
    context(),
  );
};
const made: { id: number; sessionId: string }[] = [];
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    while (made.length < accounts) {
      const { account, token } = await register();
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
      made.push({ id: account.id, sessionId: claims.sid });
    }
  }),
);

if (server) {
  // As autovacuum does in a service that has run for a while.
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query('vacuum analyze');
  await client.end();
}

let turn = 0;
const next = () => {
  turn = (turn + 1) % made.length;
  const one = made[turn];
  if (one === undefined) throw new Error('there are no accounts');
  return one;
};
const calls: Record<string, () => Promise<unknown>> = {
  'user.get': () => bus.call(userContracts.get, { id: next().id }, context()),
  'user.access': () => bus.call(userContracts.access, { id: next().id }, context()),
  'auth.verifySession': () =>
    bus.call(authContracts.verifySession, { sessionId: next().sessionId }, context()),
  'user.credentials': () =>
    bus.call(userContracts.credentials, { login: nick(1 + (turn++ % 2000)) }, context()),
  'user.names of 20': () =>
    bus.call(userContracts.names, { ids: Array.from({ length: 20 }, () => next().id) }, context()),
  // Each another page: one that several ask for at once is read once.
  'user.list, first pages': () =>
    bus.call(userContracts.list, { page: 1 + (turn++ % 60), perPage: 15 }, context()),
  'user.list, last pages': () =>
    bus.call(userContracts.list, { page: 68 + (turn++ % 60), perPage: 15 }, context()),
  'user.search': () => bus.call(userContracts.search, { role: 'normal', page: 1, perPage: 20 }, context()),
  'auth.loginByPassword': () =>
    bus.call(
      authContracts.loginByPassword,
      { login: nick(1 + (turn++ % 2000)), password: 'correct horse battery', address: '192.0.2.7' },
      context(),
    ),
  'auth.register': register,
};

async function askFor(ms: number, call: () => Promise<unknown>): Promise<number> {
  const end = performance.now() + ms;
  let count = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (performance.now() < end) {
        await call();
        count += 1;
      }
    }),
  );
  return count;
}

const print = (text: string) => void process.stdout.write(`${text}\n`);
print(`${'call'.padEnd(24)} ${'node µs'.padStart(8)} ${'postgres µs'.padStart(12)} ${'calls/s'.padStart(9)}`);
for (const [name, call] of Object.entries(calls)) {
  if (named.length > 0 && !named.includes(name)) continue;
  await askFor(Number(seconds) * 500, call);
  const before = { own: ownCpu(), backends: backendsCpu(server?.pid), at: performance.now() };
  const count = await askFor(Number(seconds) * 1000, call);
  const own = (ownCpu() - before.own) / count;
  const backends = (backendsCpu(server?.pid) - before.backends) / count;
  const rate = count / ((performance.now() - before.at) / 1000);
  print(
    `${name.padEnd(24)} ${own.toFixed(1).padStart(8)} ${backends.toFixed(1).padStart(12)} ${rate.toFixed(0).padStart(9)}`,
  );
}
await app.close();
await events.close();
await database.close();
await server?.stop();
