import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AlwaysOnSampler, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import t from 'tap';
import { memoryBus } from '../src/bus/memory-bus.ts';
import { CommonSettings, readConfig } from '../src/config.ts';
import { AppError } from '../src/errors.ts';
import { createTracing } from '../src/otel-tracing.ts';
import { noTracing, openTracing } from '../src/tracing.ts';
import { failure, probe, probeContext, serveProbe } from './harness/bus-probe.ts';
import { logLines } from './harness/log-lines.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${parentId}-01`;

t.test('a call is a span of the caller and one of the service, in the trace that came with it', async (t) => {
  const exporter = new InMemorySpanExporter();
  const processor = new SimpleSpanProcessor({ exporter });
  const tracing = createTracing({ name: 'test', sampler: new AlwaysOnSampler(), processor });
  t.teardown(() => tracing.close());
  const bus = memoryBus({ clock: Date.now, logger: logLines().logger, tracing });
  t.teardown(() => bus.close());
  const passedOn: (string | undefined)[] = [];
  await serveProbe(bus, async (input, context) => {
    passedOn.push(context.traceparent);
    if (input.text === 'unknown') throw new AppError('account-unknown');
    return input;
  });
  await bus.call(probe.echo, { text: 'x' }, probeContext({ traceparent }));
  const [served, called] = exporter.getFinishedSpans();
  if (!served || !called) throw new Error('two spans have ended');
  t.same([called.name, served.name], ['probe.echo', 'probe.echo']);
  t.equal(called.parentSpanContext?.spanId, parentId);
  t.equal(served.parentSpanContext?.spanId, called.spanContext().spanId);
  t.same([called.spanContext().traceId, served.spanContext().traceId], [traceId, traceId]);
  t.same(passedOn, [`00-${traceId}-${served.spanContext().spanId}-01`]);

  exporter.reset();
  await failure(bus.call(probe.echo, { text: 'unknown' }, probeContext()));
  const failed = exporter.getFinishedSpans();
  t.same(
    failed.map(({ status }) => status.message),
    ['account-unknown', 'account-unknown'],
  );
  t.notOk(
    failed.some((span) => span.spanContext().traceId === traceId),
    'it is a trace of its own',
  );
});

t.test('without a collector what came is passed on, and nothing is traced', async (t) => {
  const tracing = await openTracing(readConfig(CommonSettings, {}), 'test');
  t.equal(tracing, noTracing);
  t.equal(tracing.begin('probe.echo', 'client', traceparent).traceparent, traceparent);
});

t.test('spans go to the collector by OTLP over HTTP, the last ones when the process ends', async (t) => {
  const got = Promise.withResolvers<{ url: string | undefined; body: string }>();
  const collector = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    got.resolve({ url: request.url, body });
    response.end('{}');
  });
  t.teardown(() => collector.close());
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo; // Listening on TCP, it has no other kind of address.
  const settings = readConfig(CommonSettings, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/`,
    OTEL_TRACES_SAMPLER: 'always_on',
  });
  const tracing = await openTracing(settings, 'probe');
  tracing.begin('probe.echo', 'server', traceparent).end({ 'messaging.system': 'nats' });
  await tracing.close();
  const { url, body } = await got.promise;
  t.equal(url, '/v1/traces');
  t.match(body, /"vestibule-probe"/);
  t.match(body, new RegExp(`"traceId":"${traceId}"`));
});

t.test('a sampler that is off sends nothing on as sampled', async (t) => {
  const settings = readConfig(CommonSettings, {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_TRACES_SAMPLER: 'always_off',
  });
  const tracing = await openTracing(settings, 'probe');
  t.teardown(() => tracing.close());
  t.match(tracing.begin('probe.echo', 'server', traceparent).traceparent, /-00$/);
});
