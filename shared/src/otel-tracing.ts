import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { CommonSettings } from './config.ts';
import type { Tracing } from './tracing.ts';

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT };

/** `00-TRACE-SPAN-FLAGS`, as the context's schema has checked it. */
function contextOf(traceparent: string | undefined) {
  const [, traceId, spanId, flags] = traceparent?.split('-') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags, 16);
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** `OTEL_TRACES_SAMPLER` and its argument, as the OpenTelemetry specification names them. */
function samplerOf({
  OTEL_TRACES_SAMPLER: name,
  OTEL_TRACES_SAMPLER_ARG: ratio,
}: Pick<CommonSettings, 'OTEL_TRACES_SAMPLER' | 'OTEL_TRACES_SAMPLER_ARG'>): Sampler {
  const samplers: Record<string, () => Sampler> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(Number(ratio)),
  };
  const [own = 'always_on', parentFirst] = [
    name.replace('parentbased_', ''),
    name.startsWith('parentbased_'),
  ];
  const root = samplers[own]?.() ?? new AlwaysOnSampler();
  return parentFirst ? new ParentBasedSampler({ root }) : root;
}

/** Spans of one process, handed to `processor`. */
export function createTracing({
  name,
  sampler,
  processor,
}: {
  name: string;
  sampler: Sampler;
  processor: SpanProcessor;
}): Tracing {
  const resource = resourceFromAttributes({ 'service.name': `vestibule-${name}` }).merge(
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
    detectResources({ detectors: [envDetector] }),
  );
  const provider = new TracerProvider({ resource, sampler, spanProcessors: [processor] });
  const tracer = provider.getTracer('vestibule');
  return {
    begin(spanName, kind, parent) {
      const span = tracer.startSpan(spanName, { kind: kinds[kind] }, contextOf(parent));
      return {
        traceparent: traceparentOf(span),
        end(attributes, failure) {
          span.setAttributes(attributes);
          if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
          span.end();
        },
      };
    },
    close: () => provider.shutdown().catch(() => undefined),
  };
}

/**
 * Spans in batches to `OTEL_EXPORTER_OTLP_ENDPOINT`/v1/traces; the exporter reads the other variables of its
 * specification (headers, time-out, compression, certificates) by itself.
 */
export function exportTraces(settings: CommonSettings, name: string): Tracing {
  const endpoint = settings.OTEL_EXPORTER_OTLP_ENDPOINT ?? '';
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const processor = new BatchSpanProcessor({ exporter });
  return createTracing({ name, sampler: samplerOf(settings), processor });
}
