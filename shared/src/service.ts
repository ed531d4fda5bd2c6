import { setTimeout as delay } from 'node:timers/promises';
import { type FastifyPluginAsync, fastify } from 'fastify';
import { CommonSettings, type Environment, readConfig } from './config.ts';
import type { Part, SettingTexts } from './contracts/settings.ts';
import { codeOf, type ErrorCode } from './errors.ts';
import type { Logger } from './logger.ts';
import type { Registry } from './metrics.ts';
import type { GatewayParts, Parts } from './parts.ts';
import type { TObject } from './schema.ts';
import { settingTexts } from './setting-texts.ts';
import { noteOver, tellSettings } from './tell-settings.ts';

/** What a process hands to a service that it runs. */
type Surroundings<P extends GatewayParts> = {
  parts: P;
  metrics: Registry;
  logger: Logger;
  opened: AsyncDisposableStack;
};

/** A service as main.ts and its own server.ts run it; one that keeps no rows needs GatewayParts alone. */
export type Service<P extends GatewayParts = Parts> = {
  name: Part;
  /** Port for operations when it runs alone and OPS_PORT does not say otherwise. */
  opsPort: number;
  /** Reads its settings, so that a wrong one is told before anything is opened. */
  configure: (environment: Environment) => (surroundings: Surroundings<P>) => Promise<void>;
};

/** Milliseconds between two tries of a start, and between two lines that say that it waits. */
const retryMs = 500;
const sayEveryMs = 10_000;
/** A migration of a large table, or the wait for another replica's, takes as long as it takes. */
const startTimeoutMs = 600_000;
/** What passes by itself when a server comes up that was not there yet. */
const passing: ReadonlySet<ErrorCode> = new Set([
  'unavailable',
  'deadline-passed',
  'database-unavailable',
  'store-unavailable',
  'busy',
]);

/**
 * Starts something again and again while what it needs is not there yet, as when everything is started at
 * once; says in the log what it waits for.
 */
async function startPatiently<T>(name: string, logger: Logger, start: () => Promise<T>): Promise<T> {
  for (let saidAt = Number.NEGATIVE_INFINITY; ; await delay(retryMs)) {
    try {
      return await start();
    } catch (error) {
      if (!passing.has(codeOf(error))) throw error;
      if (performance.now() - saidAt < sayEveryMs) continue;
      saidAt = performance.now();
      logger.warn({ err: error, service: name }, 'cannot start yet, tries again');
    }
  }
}

/** Makes a service of its plugin, and of the function that reads its settings; auth is told of them once it has started. */
export function defineService<
  Settings extends Readonly<Record<string, unknown>>,
  P extends GatewayParts = Parts,
>({
  name,
  opsPort,
  schema,
  readSettings,
  plugin,
  notesItself = false,
}: {
  name: Part;
  opsPort: number;
  /** Of its settings. */
  schema: TObject;
  readSettings: (environment: Environment) => Settings;
  plugin: FastifyPluginAsync<{ parts: P; settings: Settings; metrics: Registry; texts: SettingTexts }>;
  /** That of auth, which may not call itself, notes what it runs with in its plugin. */
  notesItself?: boolean;
}): Service<P> {
  return {
    name,
    opsPort,
    configure(environment) {
      const settings = readSettings(environment);
      const common = readConfig(CommonSettings, environment);
      const texts = settingTexts({ part: name, schema, common, settings });
      return async ({ parts, metrics, logger, opened }) => {
        const app = await startPatiently(name, logger, async () => {
          const attempt = fastify({ loggerInstance: logger, pluginTimeout: startTimeoutMs });
          try {
            await attempt.register(plugin, { parts, settings, metrics, texts });
            await attempt.ready();
            return attempt;
          } catch (error) {
            await attempt.close();
            throw error;
          }
        });
        opened.defer(() => app.close());
        if (notesItself) return;
        const { bus, clock } = parts;
        const telling = tellSettings({ part: name, settings: texts, note: noteOver(bus), clock, logger });
        opened.defer(() => telling.stop());
      };
    },
  };
}
