export interface TracingOptions {
  readonly environment: {
    /** Where spans are sent to; empty: nowhere, and nothing of OpenTelemetry is loaded. */
    readonly OTEL_EXPORTER_OTLP_ENDPOINT: string;
  };
  /** Unless `OTEL_SERVICE_NAME` names another. */
  readonly serviceName: string;
  readonly version: string;
  /** Its lines name the request and the trace that led to them. */
  readonly logger: TracingLogger & { nameLinesBy(names: () => object): void };
}

export interface TracingLogger {
  log(event: { readonly event: string }): void;
  warn(event: { readonly event: string; readonly reason: string }): void;
}
