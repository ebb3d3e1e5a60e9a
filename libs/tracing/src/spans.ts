export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Headers of W3C Trace Context. */
export interface TraceHeaders {
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
}

export interface SpanOptions {
  readonly kind?: SpanKind;
  /** Nothing of a person, and no secret: spans leave the service. */
  readonly attributes?: Attributes;
  /** Of another process; without it the span is a child of the one that is open here. */
  readonly parent?: TraceHeaders;
}

/** A span that has begun. */
export interface Span {
  readonly traceId: string;
  /** Spans that begin in `work`, and in what it starts, are children of this one. */
  within<T>(work: () => T): T;
  set(attributes: Attributes): void;
  /** @param failure the kind of error with which its work failed */
  end(failure?: string): void;
}

/** What the SDK does, once it is loaded. */
export interface Tracer {
  start(name: string, options: SpanOptions): Span;
  /** Headers that make a span of another process a child of the one that is open here. */
  headers(): TraceHeaders;
  /** Of the span that is open here. */
  traceId(): string | undefined;
  /** Runs work of which no span shall tell. */
  without<T>(work: () => T): T;
  /** Sends what has ended, and ends. */
  close(): Promise<void>;
}

/** Null while tracing is off: nothing is made or kept then. */
let tracer: Tracer | null = null;

export function useTracer(used: Tracer | null): void {
  tracer = used;
}

export function isTracing(): boolean {
  return tracer !== null;
}

/** A span that its caller ends; null while tracing is off. */
export function startSpan(name: string, options: SpanOptions = {}): Span | null {
  return tracer && tracer.start(name, options);
}

/** The same for a detail, which is told within another span only. */
export function startDetail(name: string, options: SpanOptions = {}): Span | null {
  return tracer?.traceId() === undefined ? null : tracer.start(name, options);
}

/** Does work within a span of its own. */
export function span<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
  return tracer === null ? work() : endAfter(tracer.start(name, options), work);
}

/** Does work of which no span tells. */
export function withoutSpans<T>(work: () => T): T {
  return tracer === null ? work() : tracer.without(work);
}

/** Of the span that is open here, as the parent of others; undefined while tracing is off. */
export function traceHeaders(): TraceHeaders | undefined {
  return tracer?.headers();
}

/** To be sent along with what another process does next; undefined outside of a span. */
export function traceParent(): string | undefined {
  return traceHeaders()?.traceparent;
}

export function currentTraceId(): string | undefined {
  return tracer?.traceId();
}

async function endAfter<T>(open: Span, work: () => Promise<T>): Promise<T> {
  try {
    const result = await open.within(work);
    open.end();
    return result;
  } catch (error) {
    open.end(kindOf(error));
    throw error;
  }
}

/** Its code or its class: the words of an error may hold what a person has sent. */
export function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
