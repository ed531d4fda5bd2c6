import type { Environment } from './config.ts';
import { closeParts, openParts } from './open-parts.ts';
import { openOps } from './ops.ts';
import { runProcess } from './process.ts';
import type { Service } from './service.ts';

/** Runs one service in a process of its own, against the servers that it shares with the others. */
export function serveAlone(service: Service, environment: Environment): Promise<void> {
  return runProcess({
    name: service.name,
    environment,
    needs: ['DATABASE_URL', 'NATS_URL', 'REDIS_URL'],
    async start(started) {
      const { name, settings, logger, opened } = started;
      const open = service.configure(environment);
      const ops = await openOps(started, { standardPort: service.opsPort });
      const parts = opened.adopt(await openParts({ settings, name, logger, clock: Date.now }), closeParts);
      ops.watch(parts);
      await open({ parts, logger, opened });
      ops.serving();
    },
  });
}
