import type { ServerResponse } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { isTracing, startSpan, type Span } from '#tracing';
import { isOfOperators } from '../access/route-access.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null for what is not traced; absent where nothing is. */
    span?: Span | null;
  }
}

/** A span of each request but those for health and metrics; it continues the trace of the caller. */
export function traceRequests(app: NestFastifyApplication): void {
  if (!isTracing()) return;
  const fastify = app.getHttpAdapter().getInstance();
  fastify.decorateRequest('span', null);
  fastify.addHook('onRequest', (request, { raw }, done) => {
    const span = isOfOperators(request) ? null : startRequest(request);
    if (!span) {
      done();
      return;
    }
    request.span = span;
    raw.on('close', () => endRequest(span, raw));
    span.within(done);
  });
  // A body is read by the connection, outside of the span.
  fastify.addHook('preValidation', ({ span }, _reply, done) => (span ? span.within(done) : done()));
}

/** The address itself has ids in it. */
function startRequest({ method, routeOptions: { url }, headers }: FastifyRequest): Span | null {
  const { traceparent, tracestate } = headers;
  return startSpan(url === undefined ? method : `${method} ${url}`, {
    kind: 'server',
    attributes: { 'http.request.method': method, ...(url !== undefined && { 'http.route': url }) },
    parent: { traceparent: textOf(traceparent), tracestate: textOf(tracestate) },
  });
}

function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

function endRequest(span: Span, { headersSent, statusCode }: ServerResponse): void {
  // The caller went before there was an answer.
  if (!headersSent) {
    span.end('aborted');
    return;
  }
  span.set({ 'http.response.status_code': statusCode });
  span.end(statusCode < 500 ? undefined : String(statusCode));
}
