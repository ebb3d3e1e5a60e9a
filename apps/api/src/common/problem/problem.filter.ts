import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { DomainError, type ErrorCode } from '@app/domain';
import type { FastifyReply } from 'fastify';
import { v7 as uuid } from 'uuid';
import { PROBLEMS } from './problem-catalog.js';
import type { ProblemDetails } from './problem-details.js';

/** The only writer of error bodies. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const known = toDomainError(error);
    const problem = describe(known);
    if (problem.status >= 500)
      this.#logger.error({ event: 'request.failed', instance: problem.instance, error });
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    if (known.retryAfterSeconds !== null) void reply.header('retry-after', String(known.retryAfterSeconds));
    void reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }
}

function describe(error: DomainError): ProblemDetails {
  const { status, title } = PROBLEMS[error.code];
  return {
    type: `/problems/${error.code}`,
    title,
    status,
    detail: error.message,
    instance: `urn:uuid:${uuid()}`,
    ...error.extensions,
    ...(error.errors.length > 0 && { errors: error.errors }),
  };
}

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'malformed-body',
  404: 'route-not-found',
  413: 'body-too-large',
  415: 'unsupported-media-type',
};

function toDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  const code = CODE_OF_STATUS[status];
  if (code) return new DomainError(code, error instanceof Error ? error.message : code, { cause: error });
  return new DomainError(
    'internal-error',
    'Something went wrong on our side; the log has an entry with this instance',
    { cause: error },
  );
}

/** Errors of Fastify itself carry a status. */
function statusOf(error: unknown): number {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
}
