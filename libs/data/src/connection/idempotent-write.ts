import { DomainError, IDEMPOTENCY_HOURS, type KeptAnswer } from '#domain';

/** A write whose call has an `Idempotency-Key`. */
export interface IdempotentWrite<Result> {
  readonly catalogId: string;
  readonly key: string;
  /** SHA-256 of the call and its body; asked for when the body has been read. */
  readonly fingerprint: () => Uint8Array;
  readonly answerOf: (result: Result) => KeptAnswer;
}

/** Runs one statement in a transaction, whichever library has begun it. */
type Query = (sql: string, ...values: unknown[]) => Promise<readonly unknown[]>;

const RETRY_AFTER_SECONDS = 1;
/** Seed of the advisory locks of keys, which tells them from other locks. */
const LOCK_SEED = 72_707_371;

/**
 * Of the transaction, so that it ends with it, and works where transactions share a connection. Locks
 * are of all schemas.
 */
const LOCK = `SELECT pg_try_advisory_xact_lock(
  hashtextextended(concat_ws('/', current_schema(), $1::text, $2::text), ${LOCK_SEED})) AS free`;

/** The row of an older call with the key, which nobody has deleted yet, is replaced. */
const KEEP = `INSERT INTO idempotency_keys AS kept (catalog_id, key, fingerprint, status, location, body, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp())
  ON CONFLICT (catalog_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, status = excluded.status,
    location = excluded.location, body = excluded.body, created_at = excluded.created_at
    WHERE kept.created_at < now() - interval '${IDEMPOTENCY_HOURS} hours'
  RETURNING 1`;

/**
 * Writes, and keeps the answer for the key in the same transaction: both are there or neither is.
 *
 * @throws DomainError `idempotency-key-in-use` while another call with the key is running, or when it
 * ended a moment ago
 */
export async function writeOnce<Result>(
  query: Query,
  idempotent: IdempotentWrite<Result> | undefined,
  write: () => Promise<Result>,
): Promise<Result> {
  if (!idempotent) return write();
  const { catalogId, key } = idempotent;
  const [lock] = (await query(LOCK, catalogId, key)) as { readonly free: boolean }[];
  if (!lock?.free) throw keyInUse();
  const result = await write();
  const { status, location, body } = idempotent.answerOf(result);
  const kept = await query(KEEP, catalogId, key, idempotent.fingerprint(), status, location, body);
  if (kept.length === 0) throw keyInUse();
  return result;
}

function keyInUse(): DomainError {
  const detail = 'Another call with this Idempotency-Key is running, or has just ended';
  return new DomainError('idempotency-key-in-use', detail, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}
