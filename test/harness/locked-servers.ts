import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresPrograms, startPostgresServer } from '@vestibule/shared/test/postgres-server';
import { freePort, startServer } from '@vestibule/shared/test/server-process';
import type { Test } from 'tap';

/** The files of `deploy/`, as docker-compose.yml hands them to the servers. */
const deployed = (file: string) => join(import.meta.dirname, '..', '..', 'deploy', file);

export type UserName = 'gateway' | 'auth' | 'user' | 'verification' | 'process';
const users = ['gateway', 'auth', 'user', 'verification', 'process'] as const;

/** What a user's password is, for one of `NATS`, `REDIS`, `DATABASE`. */
const passwordOf = (user: string, server: string) => `secret-of-${user}-for-${server.toLowerCase()}`;

const passwords = (server: string): NodeJS.ProcessEnv =>
  Object.fromEntries(
    users.map((user) => [`${user.toUpperCase()}_${server}_PASSWORD`, passwordOf(user, server)]),
  );

/** A server and the URL under which one of its users reaches it. */
export type LockedServer = { urlFor(user: UserName): string };

async function folderFor(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'locked-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A NATS with the users of `deploy/nats.conf`. */
export async function startLockedNats(t: Test): Promise<LockedServer> {
  const [port, monitorPort, folder] = [await freePort(), await freePort(), await folderFor(t)];
  const place = ['--addr', '127.0.0.1', '--port', String(port), '--http_port', String(monitorPort)];
  const server = await startServer({
    command: 'nats-server',
    args: ['--config', deployed('nats.conf'), ...place, '--store_dir', folder],
    env: { ...process.env, ...passwords('NATS') },
    port,
  });
  t.teardown(() => server.stop());
  return { urlFor: (user) => `nats://${user}:${passwordOf(user, 'NATS')}@127.0.0.1:${port}` };
}

/** A Redis with the users of `deploy/redis-users.sh`, which keeps what it has through a restart. */
export async function startLockedRedis(t: Test): Promise<LockedServer & { restart(): Promise<void> }> {
  const [port, folder] = [await freePort(), await folderFor(t)];
  const file = join(folder, 'users.acl');
  const env = { ...process.env, ...passwords('REDIS') };
  await writeFile(file, execFileSync('sh', [deployed('redis-users.sh')], { env }));
  const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder];
  const server = await startServer({
    command: 'redis-server',
    args: ['--aclfile', file, ...place, '--save', '', '--appendonly', 'yes'],
    port,
  });
  t.teardown(() => server.stop());
  return {
    urlFor: (user) => `redis://${user}:${passwordOf(user, 'REDIS')}@127.0.0.1:${port}`,
    restart: server.restart,
  };
}

/** A Postgres with the roles of `deploy/postgres-roles.sql`; it does not ask for their passwords. */
export async function startLockedPostgres(t: Test): Promise<LockedServer & { adminUrl: string }> {
  const server = await startPostgresServer({ durable: true });
  t.teardown(() => server.stop());
  const psql = join(postgresPrograms() ?? '', 'psql');
  const env = { ...process.env, ...passwords('DATABASE') };
  const url = new URL(server.url);
  execFileSync(psql, ['-X', '-c', 'create database vestibule', url.href], { stdio: 'pipe' });
  url.pathname = '/vestibule';
  // Twice: an operator runs it again to take over new passwords.
  for (let run = 0; run < 2; run++) {
    execFileSync(psql, ['-X', '-q', '-f', deployed('postgres-roles.sql'), url.href], { env, stdio: 'pipe' });
  }
  return {
    adminUrl: url.href,
    urlFor(user) {
      const own = new URL(url);
      own.username = `vestibule_${user}`;
      return own.href;
    },
  };
}
