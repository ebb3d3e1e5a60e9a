import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span as OpenTelemetrySpan,
  type Tracer as OpenTelemetryTracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import {
  ATTR_ERROR_TYPE,
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_VERSION,
} from '@opentelemetry/semantic-conventions';
import { ReportedExporter } from './reported-exporter.js';
import type { Attributes, Span, SpanOptions, TraceHeaders, Tracer } from './spans.js';
import type { TracingOptions } from './tracing-options.js';

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** The SDK, which reads all other settings of OpenTelemetry from the environment itself. */
export class OpenTelemetry implements Tracer {
  readonly #provider: NodeTracerProvider;
  readonly #tracer: OpenTelemetryTracer;

  constructor({ serviceName, version, logger }: TracingOptions) {
    const own = resourceFromAttributes({ [ATTR_SERVICE_NAME]: serviceName, [ATTR_SERVICE_VERSION]: version });
    const given = detectResources({ detectors: [envDetector] });
    this.#provider = new NodeTracerProvider({
      resource: defaultResource().merge(own).merge(given),
      spanProcessors: [new BatchSpanProcessor(new ReportedExporter(new OTLPTraceExporter(), logger))],
    });
    this.#provider.register();
    this.#tracer = this.#provider.getTracer('sparserec', version);
  }

  start(name: string, { kind = 'internal', attributes = {}, parent }: SpanOptions): Span {
    const around = parent ? propagation.extract(ROOT_CONTEXT, parent) : context.active();
    const span = this.#tracer.startSpan(name, { kind: KINDS[kind], attributes }, around);
    return new OpenSpan(span, trace.setSpan(around, span));
  }

  headers(): TraceHeaders {
    const carrier: { traceparent?: string; tracestate?: string } = {};
    propagation.inject(context.active(), carrier);
    return carrier;
  }

  traceId(): string | undefined {
    return trace.getSpanContext(context.active())?.traceId;
  }

  without<T>(work: () => T): T {
    return context.with(ROOT_CONTEXT, work);
  }

  close(): Promise<void> {
    return this.#provider.shutdown();
  }
}

class OpenSpan implements Span {
  constructor(
    private readonly span: OpenTelemetrySpan,
    private readonly inside: Context,
  ) {}

  get traceId(): string {
    return this.span.spanContext().traceId;
  }

  within<T>(work: () => T): T {
    return context.with(this.inside, work);
  }

  set(attributes: Attributes): void {
    this.span.setAttributes(attributes);
  }

  end(failure?: string): void {
    if (failure !== undefined)
      this.span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute(ATTR_ERROR_TYPE, failure);
    this.span.end();
  }
}
