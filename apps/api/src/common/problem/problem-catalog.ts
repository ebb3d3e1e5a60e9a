import type { ErrorCode } from '#domain';

interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

/** The only map from error codes to answers; docs/errors.md lists the same codes. */
export const PROBLEMS: Readonly<Record<ErrorCode, ProblemKind>> = {
  'validation-failed': { status: 422, title: 'Request validation failed' },
  'malformed-request': { status: 400, title: 'The request cannot be read' },
  'malformed-body': { status: 400, title: 'The body cannot be read' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The content type is not supported' },
  'route-not-found': { status: 404, title: 'There is no such address' },
  'method-not-allowed': { status: 405, title: 'The address does not have the method' },
  'request-timeout': { status: 408, title: 'The request did not arrive in time' },
  'address-too-long': { status: 414, title: 'The address is too long' },
  'headers-too-large': { status: 431, title: 'The head of the request is too large' },
  'key-needed': { status: 401, title: 'A valid key is needed' },
  'not-allowed': { status: 403, title: 'The key does not allow the call' },
  'host-not-allowed': { status: 403, title: 'The host or origin is not allowed' },
  'key-not-found': { status: 404, title: 'There is no such key' },
  'too-many-keys': { status: 409, title: 'There are too many keys' },
  'catalog-not-found': { status: 404, title: 'There is no such catalog' },
  'catalog-being-deleted': { status: 409, title: 'The catalog is being deleted' },
  'catalog-deletion-not-found': { status: 404, title: 'There is no such deletion' },
  'item-not-found': { status: 404, title: 'There is no such item' },
  'user-not-found': { status: 404, title: 'There is no such user' },
  'training-run-not-found': { status: 404, title: 'There is no such training run' },
  'model-not-found': { status: 404, title: 'There is no such model' },
  'schedule-not-found': { status: 404, title: 'There is no such schedule' },
  'cursor-expired': { status: 410, title: 'The list of the cursor is kept no longer' },
  'training-run-finished': { status: 409, title: 'The training run is finished' },
  'no-training-data': { status: 409, title: 'There is nothing to train on' },
  'memory-budget-exceeded': { status: 409, title: 'The memory budget is too small' },
  'numerically-singular': { status: 409, title: 'The model cannot be computed' },
  'model-corrupt': { status: 409, title: 'The stored model is damaged' },
  'import-row-invalid': { status: 422, title: 'A row cannot be imported' },
  'import-source-invalid': { status: 422, title: 'The data cannot be read' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key belongs to another call' },
  'idempotency-key-in-use': { status: 409, title: 'A call with the idempotency key is running' },
  'unknown-items': { status: 422, title: 'The catalog does not know the items' },
  'too-many-interaction-types': { status: 422, title: 'Too many interaction types' },
  'interaction-type-conflict': { status: 409, title: 'The interaction type has the other sign' },
  'database-unavailable': { status: 503, title: 'The database is unavailable' },
  'cache-unavailable': { status: 503, title: 'The cache is unavailable' },
  'write-conflict': { status: 503, title: 'Too many calls write the same rows' },
  'queue-unavailable': { status: 503, title: 'The queue is unavailable' },
  'too-many-calls': { status: 429, title: 'Too many calls' },
  'too-busy': { status: 503, title: 'The service is too busy' },
  draining: { status: 503, title: 'The process is about to end' },
  'internal-error': { status: 500, title: 'Internal error' },
};
