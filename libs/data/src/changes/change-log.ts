import type { Database } from '../connection/database.js';
import type { Change } from './catalog-change.js';

/** A reader that was away for longer may have missed what is deleted already. */
const LONGEST_PAUSE_MS = 5 * 60_000;
/** How many rounds of pruning a change is kept, at the least. */
const KEPT_ROUNDS = 10;

/**
 * Everything that has committed since snapshot $1, whenever it began: numbers of rows are handed out in
 * another order than they are committed. Transactions of the future are of another server, from which
 * the database was copied.
 */
const READ_SINCE = `SELECT pg_current_snapshot()::text AS snapshot, ARRAY(SELECT change FROM catalog_changes
    WHERE xid >= pg_snapshot_xmin($1::pg_snapshot) AND xid < pg_snapshot_xmax(pg_current_snapshot())
      AND NOT pg_visible_in_snapshot(xid, $1::pg_snapshot) ORDER BY id) AS changes`;
/** Fails where there is no such table yet. */
const FIRST_READ = `SELECT pg_current_snapshot()::text AS snapshot, (SELECT xid FROM catalog_changes LIMIT 1)`;

/** Committed changes of all catalogs, for a process that cannot be told of them. */
export class ChangeLog {
  #snapshot: string | null = null;
  #readAt = 0;
  /** Oldest transaction that ran at each of the last rounds; what is older had committed by then. */
  readonly #horizons: string[] = [];

  constructor(private readonly database: Database) {}

  /** @returns null when it begins anew: what was committed before is to be read elsewhere */
  async read(): Promise<readonly Change[] | null> {
    const now = performance.now();
    const since = now - this.#readAt > LONGEST_PAUSE_MS ? null : this.#snapshot;
    this.#snapshot = null;
    const { rows } = await this.database.pool.query<{ snapshot: string; changes?: Change[] }>(
      since === null ? FIRST_READ : READ_SINCE,
      since === null ? [] : [since],
    );
    this.#snapshot = rows[0]?.snapshot ?? null;
    this.#readAt = now;
    return rows[0]?.changes ?? null;
  }

  /** The next `read` begins anew. */
  forget(): void {
    this.#snapshot = null;
  }

  /** To be called in rounds. Deletes what had committed some rounds ago. */
  async prune(): Promise<void> {
    const oldest = this.#horizons.length < KEPT_ROUNDS ? '0' : this.#horizons.shift();
    const { rows } = await this.database.pool.query<{ horizon: string }>(
      `WITH gone AS (DELETE FROM catalog_changes WHERE xid < ($1::text)::xid8)
       SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon`,
      [oldest],
    );
    if (rows[0]) this.#horizons.push(rows[0].horizon);
  }
}
