import type { CommonSettings, Environment } from './config.ts';
import { closeParts, openGatewayParts, openParts, type PartsOptions, startParts } from './open-parts.ts';
import { openOps } from './ops.ts';
import type { GatewayParts } from './parts.ts';
import { runProcess } from './process.ts';
import type { Service } from './service.ts';

function serveOn<P extends GatewayParts>(
  open: (options: PartsOptions) => Promise<P>,
  needs: readonly (keyof CommonSettings)[],
): (service: Service<P>, environment: Environment) => Promise<void> {
  return (service, environment) =>
    runProcess({
      name: service.name,
      environment,
      needs,
      async start(started) {
        const { name, settings, logger, opened } = started;
        const openService = service.configure(environment);
        const ops = await openOps(started, { standardPort: service.opsPort });
        const { metrics, tracing } = ops;
        const opening = open({ settings, name, logger, clock: Date.now, metrics, tracing });
        const parts = opened.adopt(await opening, closeParts);
        ops.watch(parts);
        await openService({ parts, metrics, logger, opened });
        startParts(parts);
        ops.serving();
      },
    });
}

/** Runs one service in a process of its own, against the servers that it shares with the others. */
export const serveAlone = serveOn(openParts, ['DATABASE_URL', 'NATS_URL', 'REDIS_URL']);

/** The same for a service that keeps no rows: it opens no database. */
export const serveAloneWithoutRows = serveOn(openGatewayParts, ['NATS_URL', 'REDIS_URL']);
