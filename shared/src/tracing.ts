import type { CommonSettings } from './config.ts';

/** What can be said of a span: names of the semantic conventions, and values that are no secrets. */
export type Attributes = Record<string, string | number>;

/** Work that is traced. */
export type TraceSpan = {
  /** For what is called meanwhile (W3C trace context); the parent's where nothing is traced. */
  traceparent: string | undefined;
  /** `failure`: the code that it failed with; absent: it did not. */
  end(attributes: Attributes, failure?: string): void;
};

/** Traces the way of a request through all processes, or nothing. */
export type Tracing = {
  /** `parent`: the `traceparent` that came with the work; absent: a trace of its own. */
  begin(name: string, kind: 'server' | 'client', parent: string | undefined): TraceSpan;
  /** Sends what waits to be sent. Never rejects. */
  close(): Promise<void>;
};

/** Passes on what came, and traces nothing. */
export const noTracing: Tracing = {
  begin: (_name, _kind, parent) => ({ traceparent: parent, end() {} }),
  close: async () => undefined,
};

/**
 * Traces to the collector of OTEL_EXPORTER_OTLP_ENDPOINT, by OTLP over HTTP; nothing without it, and then
 * nothing of OpenTelemetry is loaded.
 */
export async function openTracing(settings: CommonSettings, name: string): Promise<Tracing> {
  if (settings.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return noTracing;
  const { exportTraces } = await import('./otel-tracing.ts');
  return exportTraces(settings, name);
}
