import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort, type ServerProcess, startServer, until } from './server-process.ts';

export type PostgresServer = ServerProcess & { url: string; port: number };

/** The folder of the newest Postgres here: Debian keeps its programs off the PATH. */
export function postgresPrograms(): string | undefined {
  const folders = globSync('/usr/lib/postgresql/*/bin').sort();
  return folders.findLast((folder) => existsSync(join(folder, 'postgres')));
}

/** Postgres refuses to run as root; Debian's package made this user for it. */
const user = 'postgres';
const isRoot = () => process.getuid?.() === 0;

/** Runs one of Postgres' programs to its end, as that user. */
function run(program: string, args: readonly string[]): void {
  const change = isRoot() ? ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', '--'] : [];
  const [command = '', ...rest] = [...change, program, ...args];
  execFileSync(command, rest, { stdio: 'pipe', cwd: tmpdir() });
}

/** Fills the folder: with an empty database, or with a copy of another server's that follows it. */
async function initialise(programs: string, folder: string, standbyOf: string | undefined): Promise<void> {
  if (isRoot()) {
    const id = (kind: string) => Number(execFileSync('id', [kind, user], { encoding: 'utf8' }));
    await chown(folder, id('-u'), id('-g'));
  }
  if (standbyOf === undefined) {
    run(join(programs, 'initdb'), ['-D', folder, '-A', 'trust', '-U', user, '-E', 'UTF8', '--no-sync']);
  } else {
    run(join(programs, 'pg_basebackup'), ['-D', folder, '-d', standbyOf, '-R', '-c', 'fast', '--no-sync']);
  }
}

/** Each connection is a process of its own, outside of the server's process group. */
function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // Gone already.
    }
  }
}

/** A dead process stays listed until somebody has asked for its end. */
function isGone(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

/** A Postgres of one test on a free port, as its superuser `postgres` without a password. Needs Linux. */
export async function startPostgresServer(
  options: {
    /** Whether acknowledged rows survive the machine; slower. */
    durable?: boolean;
    /** The URL of the server to follow, until `select pg_promote()`; with `application_name` it can be waited for. */
    standbyOf?: string;
  } = {},
): Promise<PostgresServer> {
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error('Postgres is not installed');
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'postgres-server-'));
  await chmod(folder, 0o700);
  await initialise(programs, folder, options.standbyOf);
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '100' };
  const fast = options.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const url = `postgres://${user}@127.0.0.1:${port}/postgres`;
  const server = await startServer({
    command: join(programs, 'postgres'),
    args: [
      ...['-D', folder, '-p', String(port)],
      ...Object.entries({ ...settings, ...fast }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    port,
    user,
    ready: () => answers(url),
    patienceMs: 30_000,
  });

  async function stop() {
    // At once, without waiting for clients to leave.
    if (existsSync(`/proc/${server.pid}`)) signal([server.pid], 'SIGINT');
    await end();
  }
  const { freeze, thaw, kill, stop: end, restart } = server;
  return Object.assign(server, {
    url,
    port,
    async freeze() {
      await freeze();
      signal(childrenOf(server.pid), 'SIGSTOP');
    },
    thaw() {
      signal(childrenOf(server.pid), 'SIGCONT');
      thaw();
    },
    async kill() {
      const children = childrenOf(server.pid);
      await kill();
      signal(children, 'SIGKILL');
      await until('the connections are gone', () => children.every(isGone));
    },
    async restart() {
      await stop();
      await restart();
    },
    async stop() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  });
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end();
  }
}
