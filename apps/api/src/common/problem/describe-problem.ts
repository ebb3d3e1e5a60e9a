import { HttpException } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { DomainError, type ErrorCode } from '#domain';
import { PROBLEMS } from './problem-catalog.js';
import type { ProblemDetails } from './problem-details.js';

/** The body of an error answer. */
export function describeProblem(error: DomainError): ProblemDetails {
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
  // Of files that are asked for outside of their folder: what is there is none of ours.
  403: 'route-not-found',
  404: 'route-not-found',
  413: 'body-too-large',
  414: 'address-too-long',
  415: 'unsupported-media-type',
};
const MALFORMED_ADDRESS = 'FST_ERR_BAD_URL';

/** What is not a reason of ours is a bug, unless it carries a status. */
export function toDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  const code = CODE_OF_STATUS[status];
  if (error instanceof Error && 'code' in error && error.code === MALFORMED_ADDRESS)
    return new DomainError('malformed-request', error.message, { cause: error });
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
