import { CHANGE_CHANNEL } from '../changes/catalog-change.js';
import type { Database } from '../connection/database.js';
import { heavyQuery } from '../connection/heavy-query.js';

/** Interactions of one catalog that are dated further ahead of the clock than any is taken today. */
export interface RowsAhead {
  readonly catalogId: string;
  /** How many were found; there may be more where a million are. */
  readonly rows: number;
  /**
   * SQL that dates them to the moment in which it runs, in their order, and gives up what is
   * cached of their users.
   */
  readonly statement: string;
}

const TIMEOUT_MS = 5_000;
/** Rows of all catalogs that are counted. */
const MAX_ROWS = 1_000_000;

/**
 * Only ranges of pages whose latest time is ahead are read, by the BRIN index on occurred_at: as a rule none,
 * and those that were written since the last vacuum.
 */
const FIND = `SELECT quote_literal(c.id) AS literal, c.id AS catalog_id, count(*) AS rows
  FROM (SELECT catalog_id FROM interactions WHERE occurred_at > $1 LIMIT ${MAX_ROWS}) n
    JOIN catalogs c ON c.id = n.catalog_id AND c.deleted_at IS NULL
  GROUP BY c.id ORDER BY c.id`;

export class RowsAheadRepository {
  constructor(private readonly database: Database) {}

  /** @throws DomainError `database-unavailable`, also when it takes longer than 5 s */
  async find(toleranceSeconds: number, now = new Date()): Promise<RowsAhead[]> {
    const latest = new Date(now.getTime() + toleranceSeconds * 1_000);
    const found = await heavyQuery<{ literal: string; catalog_id: string; rows: string }>(this.database, {
      sql: FIND,
      values: [latest],
      timeoutMs: TIMEOUT_MS,
    });
    return found.map(({ literal, catalog_id, rows }) => ({
      catalogId: catalog_id,
      rows: Number(rows),
      statement: mendingStatement(literal, toleranceSeconds),
    }));
  }
}

/** On one line, to be copied from a log. A microsecond between two rows of a user keeps their order. */
function mendingStatement(catalog: string, toleranceSeconds: number): string {
  const key = 'catalog_id, user_key, item_key, type_key';
  const rank = 'row_number() OVER (PARTITION BY user_key ORDER BY occurred_at DESC, item_key, type_key)';
  const change = `json_build_object('kind', 'cache-epoch-changed', 'catalogId', id, 'cacheEpoch', cache_epoch)`;
  return [
    `WITH ahead AS (DELETE FROM interactions WHERE catalog_id = ${catalog} AND occurred_at > now() + interval '${toleranceSeconds} seconds' RETURNING *),`,
    `moved AS (INSERT INTO interactions (${key}, occurred_at, weight) SELECT ${key}, now() - (${rank} - 1) * interval '1 microsecond', weight FROM ahead ON CONFLICT DO NOTHING),`,
    `told AS (UPDATE catalogs SET cache_epoch = cache_epoch + 1 WHERE id = ${catalog} RETURNING ${change}::text AS change),`,
    `logged AS (INSERT INTO catalog_changes (xid, change) SELECT pg_current_xact_id(), change::jsonb FROM told)`,
    `SELECT pg_notify(${CHANGE_CHANNEL}, change) FROM told;`,
  ].join(' ');
}
