import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const ID = /^[\w.:/+=-]{1,128}$/;
/** Of W3C Trace Context: version, trace, span and flags. */
const TRACE_PARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-|$)/;

/** The id that the caller gave the request by `X-Request-Id`, or a new one. */
export function requestIdOf({ headers }: { readonly headers: IncomingHttpHeaders }): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && ID.test(given) ? given : randomUUID();
}

/** Every answer says by `X-Request-Id` which request it answers. */
export function answerRequestIds(app: NestFastifyApplication): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      void reply.header('x-request-id', request.id);
      done();
    });
}

/** What ties a line of the log to a request, and to the trace that it belongs to. */
export function namesOf(request: { readonly id: string; readonly headers: IncomingHttpHeaders }): {
  readonly requestId: string;
  readonly traceId?: string;
} {
  const { traceparent } = request.headers;
  const traceId = typeof traceparent === 'string' ? TRACE_PARENT.exec(traceparent)?.[1] : undefined;
  return { requestId: request.id, ...(traceId !== undefined && { traceId }) };
}
