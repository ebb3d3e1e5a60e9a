import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { RunOrigin } from '#domain';
import { traceIdOf, type LogNames, type Span } from '#tracing';

const ID = /^[\w.:/+=-]{1,128}$/;
/** Of version, trace, span and flags; more may follow. */
const TRACE_PARENT_LENGTH = 55;

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
export function namesOf(request: NamedRequest): LogNames & { readonly requestId: string } {
  const traceId = request.span?.traceId ?? traceIdOf(traceParentOf(request));
  return { requestId: request.id, ...(traceId !== undefined && { traceId }) };
}

/** The same, for a method of a controller whose service writes lines. */
export const Names = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  namesOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** What a training run keeps of the call that asked for it. */
export function originOf(request: NamedRequest): RunOrigin {
  const given = traceParentOf(request);
  const isTrace = traceIdOf(given) !== undefined;
  return { requestId: request.id, traceParent: isTrace ? given!.slice(0, TRACE_PARENT_LENGTH) : null };
}

interface NamedRequest {
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  readonly span?: Span | null;
}

function traceParentOf({ headers: { traceparent } }: NamedRequest): string | undefined {
  return typeof traceparent === 'string' ? traceparent : undefined;
}
