import { listen } from '@vestibule/shared/listen';
import { closeParts, openGatewayParts } from '@vestibule/shared/open-parts';
import { openOps } from '@vestibule/shared/ops';
import { runProcess } from '@vestibule/shared/process';
import { buildGateway } from './app.ts';
import { readGatewaySettings } from './config.ts';
import { tellGatewaySettings } from './told-settings.ts';

await runProcess({
  name: 'gateway',
  environment: process.env,
  needs: ['NATS_URL', 'REDIS_URL'],
  async start(started) {
    const { name, settings, environment, logger, opened } = started;
    const own = readGatewaySettings(environment);
    const ops = await openOps(started, { standardPort: 3100 });
    const { metrics, tracing } = ops;
    const opening = openGatewayParts({ settings, name, logger, clock: Date.now, metrics, tracing });
    const parts = opened.adopt(await opening, closeParts);
    ops.watch(parts);
    const building = buildGateway({ parts, settings: own, logger, metrics, tracing });
    const gateway = opened.adopt(await building, (app) => app.close());
    await listen(gateway, { host: settings.HOST, port: own.PORT });
    const telling = tellGatewaySettings({ common: settings, settings: own, parts, logger });
    opened.defer(() => telling.stop());
    ops.serving();
  },
});
