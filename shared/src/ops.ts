import { buildApp, type Dependency } from './app.ts';
import { dependenciesOf } from './dependencies.ts';
import { listenForOps } from './listen.ts';
import { collectDefaultMetrics, Gauge, Registry } from './metrics.ts';
import type { GatewayParts, Parts } from './parts.ts';
import type { Started } from './process.ts';
import { openTracing, type Tracing } from './tracing.ts';

/**
 * Milliseconds between two looks at how late the event loop is, which its figures count in: alerts and the dashboard
 * take them off. Each wakes a process that may have nothing to do.
 */
const lagLookMs = 100;

/** What a process tells its operators through the port for operations. */
export type Ops = {
  /** What `/metrics` shows; whoever runs in the process adds its own. */
  metrics: Registry;
  tracing: Tracing;
  /** From here on its readiness depends on these parts too. */
  watch(parts: GatewayParts & Partial<Parts>): void;
  /** The process serves: it is ready from here until it closes. */
  serving(): void;
};

/** The same that `/health/ready` says, at each look anew. */
function showDependencies(registry: Registry, dependencies: Readonly<Record<string, Dependency>>): void {
  new Gauge({
    name: 'vestibule_dependency_ready',
    help: '1 while the process can use it, else 0.',
    labelNames: ['dependency'],
    registers: [registry],
    async collect() {
      await Promise.all(
        Object.entries(dependencies).map(async ([dependency, { ready }]) =>
          this.set({ dependency }, (await ready()) ? 1 : 0),
        ),
      );
    },
  });
}

/**
 * Opens the port for operations at once, so that a process that waits for its servers can be seen to live.
 * It is the last thing that closes.
 */
export async function openOps(
  { name, settings, logger, opened }: Started,
  { standardPort }: { standardPort: number },
): Promise<Ops> {
  let serves = false;
  const dependencies: Record<string, Dependency> = { start: { needed: true, ready: () => serves } };
  const app = opened.adopt(buildApp({ name, logger, dependencies }), (ops) => ops.close());
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics, eventLoopMonitoringPrecision: lagLookMs });
  showDependencies(metrics, dependencies);
  app.get('/metrics', { logLevel: 'warn' }, async (_request, reply) => {
    reply.type(metrics.contentType);
    return metrics.metrics();
  });
  await listenForOps(app, { host: settings.HOST, port: settings.OPS_PORT, standard: standardPort });
  const tracing = opened.adopt(await openTracing(settings, name), ({ close }) => close());
  return {
    metrics,
    tracing,
    watch(parts) {
      Object.assign(dependencies, dependenciesOf(parts));
    },
    serving() {
      serves = true;
      opened.defer(() => {
        serves = false;
      });
      logger.info('serving');
    },
  };
}
