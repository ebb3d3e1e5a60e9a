import type { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { TracingLogger } from './tracing-options.js';

type Exporter = Pick<OTLPTraceExporter, 'export' | 'shutdown'>;

/** Says once in the log that spans do not arrive, and once that they do again. */
export class ReportedExporter implements Exporter {
  #isFailing = false;

  constructor(
    private readonly exporter: Exporter,
    private readonly logger: TracingLogger,
  ) {}

  export(...[spans, done]: Parameters<Exporter['export']>): void {
    this.exporter.export(spans, (result) => {
      this.#note(result.error);
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  #note(error: Error | undefined): void {
    const isFailing = error !== undefined;
    if (isFailing === this.#isFailing) return;
    this.#isFailing = isFailing;
    if (isFailing) this.logger.warn({ event: 'traces.not-sent', reason: error.message });
    else this.logger.log({ event: 'traces.sent-again' });
  }
}
