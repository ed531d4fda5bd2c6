import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer, connect as openSocket } from 'node:net';
import { delimiter } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** How a server is started: it must stay in the foreground. */
export type ServerCommand = {
  command: string;
  args: readonly string[];
  /** Its environment; default: this process's own. */
  env?: NodeJS.ProcessEnv;
  /** Whether it answers now; asked again and again until it does. Default: `port` accepts a connection. */
  ready?: () => Promise<boolean>;
  port: number;
  /** The system user to run as when the tests run as root, for servers that refuse root. */
  user?: string;
  /** Milliseconds it may take to become ready, or to stop. */
  patienceMs?: number;
  /** Gets all that it prints, piece by piece. */
  onOutput?: (text: string) => void;
  /** A file to which it prints itself, so that this process has no work with it. */
  logFile?: string;
};

/** A server that belongs to one test. It dies with the test's process, however that ends. */
export type ServerProcess = {
  /** Of the server as it runs now; another one after a restart. */
  readonly pid: number;
  /** The end of what it printed since its start. */
  output(): string;
  /** SIGKILL: no farewell. Resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: it keeps its port and its connections and answers nothing. Resolves when it stands still. */
  freeze(): Promise<void>;
  /** SIGCONT. */
  thaw(): void;
  /** Starts it again with the same command, after stopping it if it still runs. Resolves when it is ready. */
  restart(): Promise<void>;
  /** SIGTERM, then SIGKILL when it takes too long. Resolves when it is gone. */
  stop(): Promise<void>;
};

/** Whether a program is on PATH or at the path given. */
export function isInstalled(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** A TCP port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}

/** Whether somebody accepts a connection on the port. */
export async function accepts(port: number): Promise<boolean> {
  const socket = openSocket(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Asks again every few milliseconds until the answer is true; throws after `patienceMs`. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  patienceMs = 10_000,
): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${patienceMs} ms: ${what}`);
    await delay(10);
  }
}

/**
 * The kernel kills the server when the process that started it is gone (`setpriv --pdeathsig`): a handler
 * in this process would not run when the test runner kills it. Where there is no setpriv, a handler must do.
 */
function launch({ command, args, user, env = process.env, logFile }: ServerCommand): ChildProcess {
  const change = user !== undefined && process.getuid?.() === 0;
  const as = change ? [`--reuid=${user}`, `--regid=${user}`, '--init-groups'] : [];
  const onLinux = process.platform === 'linux';
  const PATH = [process.env.PATH, '/usr/sbin', '/usr/local/sbin'].join(delimiter);
  const log = logFile === undefined ? undefined : openSync(logFile, 'a');
  const options: SpawnOptions = {
    stdio: ['ignore', log ?? 'pipe', log ?? 'pipe'],
    env: { ...env, PATH },
  };
  const child = onLinux
    ? spawn('setpriv', ['--pdeathsig', 'KILL', ...as, '--', command, ...args], options)
    : spawn(command, args, options);
  if (log !== undefined) closeSync(log);
  if (!onLinux) {
    const end = () => child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
  }
  return child;
}

/** Starts a server and resolves when it is ready; what it printed is in the error when it does not get so. */
export async function startServer(server: ServerCommand): Promise<ServerProcess> {
  const { command, port, patienceMs = 10_000, ready = () => accepts(port) } = server;
  let child: ChildProcess;
  let output = '';
  const printed = () =>
    server.logFile === undefined ? output : readFileSync(server.logFile, 'utf8').slice(-4000);
  const running = () => child.exitCode === null && child.signalCode === null;
  const gone = async () => {
    if (running()) await once(child, 'exit');
  };

  async function start() {
    output = '';
    child = launch(server);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        const text = chunk.toString();
        output = (output + text).slice(-4000);
        server.onOutput?.(text);
      });
    }
    let failure: Error | undefined;
    child.once('error', (error) => {
      failure = error;
    });
    const settled = async () => failure !== undefined || !running() || (await ready());
    try {
      await until(`${command} is ready`, settled, patienceMs);
    } catch (error) {
      child.kill('SIGKILL');
      throw new Error(`${command} does not get ready:\n${printed()}`, { cause: error });
    }
    if (failure !== undefined) throw failure;
    if (!running()) throw new Error(`${command} ended:\n${printed()}`);
  }

  async function stop() {
    if (!running()) return;
    child.kill('SIGTERM');
    child.kill('SIGCONT');
    const patience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    await gone();
    clearTimeout(patience);
  }

  await start();
  return {
    get pid() {
      return child.pid ?? 0;
    },
    output: printed,
    async kill() {
      child.kill('SIGKILL');
      await gone();
    },
    async freeze() {
      child.kill('SIGSTOP');
      if (process.platform !== 'linux') return;
      const stat = `/proc/${child.pid}/stat`;
      await until(`${command} stands still`, () => / T /.test(readFileSync(stat, 'utf8')));
    },
    thaw: () => void child.kill('SIGCONT'),
    async restart() {
      await stop();
      await start();
    },
    stop,
  };
}
