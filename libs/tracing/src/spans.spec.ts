import {
  isTracing,
  span,
  startDetail,
  startSpan,
  traceHeaders,
  traceParent,
  useTracer,
  withoutSpans,
  type Span,
  type SpanOptions,
  type Tracer,
} from './spans.js';

class FakeSpan implements Span {
  readonly traceId = 'trace';
  readonly ended: (string | undefined)[] = [];
  within<T>(work: () => T): T {
    return work();
  }
  set(): void {
    throw new Error('nothing is set here');
  }
  end(failure?: string): void {
    this.ended.push(failure);
  }
}

class FakeTracer implements Tracer {
  readonly started: [string, SpanOptions, FakeSpan][] = [];
  isInSpan = true;
  start(name: string, options: SpanOptions): Span {
    const made = new FakeSpan();
    this.started.push([name, options, made]);
    return made;
  }
  headers() {
    return { traceparent: 'parent' };
  }
  traceId() {
    return this.isInSpan ? 'trace' : undefined;
  }
  without<T>(work: () => T): T {
    return work();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

afterEach(() => useTracer(null));

describe('while tracing is off', () => {
  it('a span is its work itself, and nothing else is made', () => {
    const result = Promise.resolve('done');
    expect(span('name', {}, () => result)).toBe(result);
    expect([isTracing(), startSpan('name'), startDetail('name'), traceParent(), traceHeaders()]).toEqual([
      false,
      null,
      null,
      undefined,
      undefined,
    ]);
    expect(withoutSpans(() => 'done')).toBe('done');
  });
});

describe('while tracing is on', () => {
  let tracer: FakeTracer;
  beforeEach(() => useTracer((tracer = new FakeTracer())));

  it('a span ends with its work', async () => {
    expect(await span('name', { kind: 'client' }, () => Promise.resolve('done'))).toBe('done');
    expect(tracer.started).toMatchObject([['name', { kind: 'client' }, { ended: [undefined] }]]);
  });

  it.each([
    [Object.assign(new Error('of user 7'), { code: 'not-found' }), 'not-found'],
    [new TypeError('of user 7'), 'TypeError'],
    ['of user 7', 'string'],
  ])(
    'the span of work that fails with %p tells the kind of failure and not its words',
    async (error, kind) => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever a library throws
      await expect(span('name', {}, () => Promise.reject(error))).rejects.toBe(error);
      expect(tracer.started).toMatchObject([['name', {}, { ended: [kind] }]]);
    },
  );

  it('a detail is told within another span only', () => {
    tracer.isInSpan = false;
    expect(startDetail('SELECT users')).toBeNull();
    tracer.isInSpan = true;
    expect(startDetail('SELECT users')).not.toBeNull();
    expect(tracer.started).toHaveLength(1);
  });
});
