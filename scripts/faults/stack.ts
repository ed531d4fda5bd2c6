import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { output } from './docker.ts';

export const parts = ['user', 'auth', 'verification', 'process', 'gateway'] as const;
export type Container = (typeof parts)[number] | 'postgres' | 'redis' | 'nats';

const root = resolve(import.meta.dirname, '../..');
/** Makes images where no registry is reached. */
const localImages = resolve(root, '../shared/tools/local-images');
const project = 'vestibule-faults';
const files = ['docker-compose.yml', 'docker-compose.dev.yml', 'scripts/faults/docker-compose.yml'];

/** Of each part. */
export const replicas = 2;

/** The stack with the development profile, two of each part, limits as they are. */
export type Stack = {
  /** Builds the image and brings the stack up; resolves when all of it is healthy. */
  up(): Promise<void>;
  /** Where its gateways may listen on this machine, each on one of them. */
  ports: readonly number[];
  /** The ids of the containers of a part, or of a server. */
  containersOf(name: Container): Promise<string[]>;
  /** As Docker knows a network of it. */
  network(name: string): string;
  /** What its containers said last. */
  lastWords(): Promise<string>;
  down(): Promise<void>;
};

export function createStack(): Stack {
  const work = mkdtempSync(join(tmpdir(), 'vestibule-faults-'));
  const settings = join(work, 'settings.env');
  const envFile = join(work, 'env');
  const ports = [38_400, 38_401, 38_402, 38_403];
  // Before what the file says: it has ports of its own.
  const own = {
    COMPOSE_PROJECT_NAME: project,
    IMAGE: project,
    SETTINGS: settings,
    GATEWAY_PORTS: `${ports[0]}-${ports.at(-1)}`,
    POSTGRES_PORT: '',
    REDIS_PORT: '',
    NATS_PORT: '',
  };
  const env = (): NodeJS.ProcessEnv => {
    const made = existsSync(envFile) ? parseEnv(readFileSync(envFile, 'utf8')) : {};
    return { ...process.env, ...made, ...own };
  };
  const named = ['--project-directory', root, '--env-file', envFile];
  const compose = (...args: string[]) => {
    const all = files.flatMap((file) => ['-f', join(root, file)]);
    return output('docker', ['compose', ...named, ...all, ...args], env());
  };
  const remove = () => compose('down', '-v', '--remove-orphans', '--timeout', '5');

  return {
    async up() {
      writeFileSync(settings, '');
      await output(process.execPath, [join(root, 'scripts/make-env.ts'), envFile], env());
      // It reads the compose file, which wants its passwords.
      if (existsSync(localImages))
        await output(localImages, ['build', join(root, 'docker-compose.yml')], env());
      await remove();
      await compose('build');
      const scales = parts.flatMap((part) => ['--scale', `${part}=${replicas}`]);
      await compose('up', '-d', '--no-build', '--wait', '--wait-timeout', '240', ...scales);
    },
    ports,
    containersOf: async (name) => (await compose('ps', '--all', '--quiet', name)).split('\n'),
    network: (name) => `${project}_${name}`,
    lastWords: () => compose('logs', '--no-color', '--tail', '5'),
    async down() {
      try {
        await remove();
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
    },
  };
}
