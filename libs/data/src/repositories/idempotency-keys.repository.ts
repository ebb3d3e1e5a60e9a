import { IDEMPOTENCY_HOURS, type KeptAnswer } from '#domain';
import type { Database } from '../connection/database.js';
import { deleteInBatches } from '../sql/delete-in-batches.js';

/** $1 catalog, $2 key. A catalog that is being deleted has none. */
const FIND = `SELECT k.fingerprint, k.status, k.location, k.body FROM idempotency_keys k
    JOIN catalogs c ON c.id = k.catalog_id AND c.deleted_at IS NULL
  WHERE k.catalog_id = $1 AND k.key = $2 AND k.created_at >= now() - interval '${IDEMPOTENCY_HOURS} hours'`;

/** $1 rows. */
const DELETE_OLD = `DELETE FROM idempotency_keys WHERE ctid = ANY(ARRAY(SELECT ctid FROM idempotency_keys
  WHERE created_at < now() - interval '${IDEMPOTENCY_HOURS} hours' ORDER BY created_at LIMIT $1))`;

/** Answers that are kept for the `Idempotency-Key` of their calls. `writeOnce` keeps them. */
export class IdempotencyKeysRepository {
  constructor(private readonly database: Database) {}

  async find(
    catalogId: string,
    key: string,
  ): Promise<{ readonly fingerprint: Uint8Array; readonly answer: KeptAnswer } | null> {
    const { rows } = await this.database.run(() =>
      this.database.pool.query<KeptAnswer & { fingerprint: Uint8Array }>(FIND, [catalogId, key]),
    );
    if (!rows[0]) return null;
    const { fingerprint, ...answer } = rows[0];
    return { fingerprint, answer };
  }

  /** @returns number of rows of each statement */
  deleteOld(): AsyncGenerator<number> {
    return deleteInBatches(this.database, DELETE_OLD, []);
  }
}
