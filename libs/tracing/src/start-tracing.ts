import { logNames } from './log-names.js';
import { useTracer } from './spans.js';
import type { TracingOptions } from './tracing-options.js';

/** For sending the last spans; a collector that does not answer holds nothing up for longer. */
const CLOSE_LIMIT_MS = 2_000;

/** To be awaited before anything is made that has spans. @returns sends the last spans, in time */
export async function startTracing(options: TracingOptions): Promise<() => Promise<void>> {
  options.logger.nameLinesBy(logNames);
  if (options.environment.OTEL_EXPORTER_OTLP_ENDPOINT === '') return () => Promise.resolve();
  const { OpenTelemetry } = await import('./open-telemetry.js');
  const tracer = new OpenTelemetry(options);
  useTracer(tracer);
  return async () => {
    const limit = new Promise((resolve) => setTimeout(resolve, CLOSE_LIMIT_MS));
    await Promise.race([tracer.close().catch(() => undefined), limit]);
  };
}
