import type { FastifyRequest } from 'fastify';
import { IDEMPOTENCY_KEY } from '#domain';
import { validationProblem } from '../common/problem/validation-problem.js';

export const IDEMPOTENCY_HEADER = 'idempotency-key';
export const REPLAYED_HEADER = 'idempotent-replayed';
/** As documents and errors write it. */
export const IDEMPOTENCY_HEADER_NAME = 'Idempotency-Key';

/** @throws DomainError `validation-failed` */
export function readIdempotencyKey({ headers }: FastifyRequest): string | null {
  const key = headers[IDEMPOTENCY_HEADER];
  if (key === undefined) return null;
  if (typeof key === 'string' && IDEMPOTENCY_KEY.test(key)) return key;
  const message = 'must be 1 to 255 printable ASCII characters';
  throw validationProblem([{ path: [IDEMPOTENCY_HEADER_NAME], message }]);
}
