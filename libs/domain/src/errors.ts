/** Every way a request or a job can fail for a reason that its caller can act on. */
export const ERROR_CODES = [
  'validation-failed',
  'malformed-request',
  'malformed-body',
  'body-too-large',
  'unsupported-media-type',
  'route-not-found',
  'method-not-allowed',
  'request-timeout',
  'address-too-long',
  'headers-too-large',
  'key-needed',
  'not-allowed',
  'host-not-allowed',
  'key-not-found',
  'too-many-keys',
  'catalog-not-found',
  'catalog-being-deleted',
  'catalog-deletion-not-found',
  'item-not-found',
  'user-not-found',
  'user-merged',
  'interaction-type-not-found',
  'training-run-not-found',
  'list-job-not-found',
  'model-not-found',
  'schedule-not-found',
  'cursor-expired',
  'training-run-finished',
  'list-job-unfinished',
  'too-many-list-jobs',
  'no-training-data',
  'memory-budget-exceeded',
  'numerically-singular',
  'kernels-differ',
  'model-corrupt',
  'import-row-invalid',
  'import-source-invalid',
  'idempotency-key-reused',
  'idempotency-key-in-use',
  'unknown-items',
  'too-many-interaction-types',
  'interaction-type-conflict',
  'precondition-failed',
  'database-unavailable',
  'cache-unavailable',
  'write-conflict',
  'queue-unavailable',
  'too-many-calls',
  'too-busy',
  'draining',
  'internal-error',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** One invalid place in a request, by RFC 6901 JSON pointer (as a URI fragment) or parameter name. */
export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

export interface DomainErrorOptions {
  readonly cause?: unknown;
  readonly errors?: readonly FieldError[];
  /** Extra members of the problem document: numbers and names, never interaction contents. */
  readonly extensions?: { readonly [name: string]: string | number | boolean };
  readonly retryAfterSeconds?: number;
  /** Methods that the address has, of a `method-not-allowed`. */
  readonly allow?: readonly string[];
}

/** A failure with a reason from the closed list; anything else is a bug and answers 500. */
export class DomainError extends Error {
  readonly errors: readonly FieldError[];
  readonly extensions: { readonly [name: string]: string | number | boolean };
  readonly retryAfterSeconds: number | null;
  readonly allow: readonly string[];

  constructor(
    readonly code: ErrorCode,
    detail: string,
    options: DomainErrorOptions = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DomainError';
    this.errors = options.errors ?? [];
    this.extensions = options.extensions ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
    this.allow = options.allow ?? [];
  }
}

const TRANSIENT_CODES: ReadonlySet<ErrorCode> = new Set([
  'database-unavailable',
  'write-conflict',
  'queue-unavailable',
  // Another worker may have the right ones.
  'kernels-differ',
]);

/** Faults that pass by themselves; everything else fails a job for good. */
export function isTransient(error: unknown): boolean {
  return error instanceof DomainError ? TRANSIENT_CODES.has(error.code) : isConnectionError(error);
}

const CONNECTION_ERROR_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  // SQLSTATE: administrator shutdown, crash shutdown, cannot connect now, too many connections, connection
  // failures, serialization failure, deadlock
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '08000',
  '08001',
  '08003',
  '08006',
  '40001',
  '40P01',
]);

function isConnectionError(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('code' in current && typeof current.code === 'string' && CONNECTION_ERROR_CODES.has(current.code))
      return true;
  }
  return false;
}
