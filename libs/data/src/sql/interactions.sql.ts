import { raiseRevisions } from '../changes/changed-users.js';
import { followMerged } from '../people/merged-ids.sql.js';
import { CATALOG } from './catalog.sql.js';
import { DATED_ROWS, type Undated } from './dated-rows.sql.js';
import { ALL_RULES, pairValues } from './pair-values.sql.js';
import { LAST_TYPE_KEY } from './type-keys.sql.js';

/** Of interactions that came twice in a batch the first is stored, and counts. */
const insertInto = (table: string, ofItems: string, rows: string) => `
      INSERT INTO ${table} (catalog_id, user_key, item_key, type_key, occurred_at, weight)
      SELECT $1, u.user_key, i.item_key, t.type_key, s.occurred_at, s.weight FROM ${rows} s
        JOIN users u ON u.catalog_id = ${CATALOG} AND u.external_id = s.user_id
        JOIN items i ON i.catalog_id = ${CATALOG} AND i.external_id = s.item_id AND i.deleted_at ${ofItems}
        JOIN interaction_types t ON t.catalog_id = ${CATALOG} AND t.name = s.type
      ORDER BY u.user_key, i.item_key, t.type_key, s.occurred_at, s.position
      ON CONFLICT DO NOTHING RETURNING user_key, item_key, type_key, occurred_at`;

const inserted = (rows: string) => `inserted AS (${insertInto('interactions', 'IS NULL', rows)})`;
const late = (rows: string) => `late AS (${insertInto('late_interactions', 'IS NOT NULL', rows)})`;

/**
 * Counts rows of `attributed` for the models that recommended them, in the transaction that stores them, and
 * once for each answer, user, item and type; a late interaction did follow from its list. The models are
 * locked, in one order, so that one that is being deleted is left out; models of other catalogs are not
 * looked for. Of two transactions that count the same the later waits for the first, and then counts nothing.
 */
const COUNT_ATTRIBUTED = `existing AS MATERIALIZED (SELECT id AS model_id FROM models WHERE catalog_id = $1 AND id IN (SELECT model_id FROM attributed)
      ORDER BY id FOR KEY SHARE),
    countable AS (SELECT DISTINCT model_id, issued_at, answer, user_key, item_key, type_key FROM attributed JOIN existing USING (model_id)),
    fresh AS (INSERT INTO attributed_interactions (catalog_id, issued_at, answer, user_key, item_key, type_key, model_id)
      SELECT $1, issued_at, answer, user_key, item_key, type_key, model_id FROM countable ORDER BY 2, 3, 4, 5, 6
      ON CONFLICT DO NOTHING RETURNING issued_at, answer, user_key, item_key, type_key),
    counted AS (INSERT INTO model_attributions (model_id, type_key, interactions)
      SELECT model_id, type_key, count(*) FROM countable JOIN fresh USING (issued_at, answer, user_key, item_key, type_key)
      GROUP BY 1, 2 ORDER BY 1, 2
      ON CONFLICT (model_id, type_key) DO UPDATE SET interactions = model_attributions.interactions + excluded.interactions)`;

/** {@link COUNT_ATTRIBUTED} of what an import has stored. */
export const COUNT_FRESH_ROWS = `WITH attributed AS (
      SELECT a.recommended_by::uuid AS model_id, a.issued_at, a.answer, f.user_key, f.item_key, f.type_key
      FROM fresh_rows f JOIN staged_attributions a ON a.position = f.position),
    ${COUNT_ATTRIBUTED}
    SELECT`;

/** {@link COUNT_ATTRIBUTED} of what a batch has stored. */
const counted = (rows: string) => `attributed AS (
      SELECT DISTINCT ON (n.user_key, n.item_key, n.type_key, n.occurred_at)
        s.recommended_by::uuid AS model_id, s.issued_at, s.answer, n.user_key, n.item_key, n.type_key FROM stored n
        JOIN users u ON u.catalog_id = ${CATALOG} AND u.user_key = n.user_key
        JOIN items i ON i.catalog_id = ${CATALOG} AND i.item_key = n.item_key
        JOIN interaction_types t ON t.catalog_id = ${CATALOG} AND t.type_key = n.type_key
        JOIN ${rows} s ON s.user_id = u.external_id AND s.item_id = i.external_id AND s.type = t.name
          AND s.occurred_at = n.occurred_at
      ORDER BY n.user_key, n.item_key, n.type_key, n.occurred_at, s.position),
    ${COUNT_ATTRIBUTED}`;

function keysWhere(condition: string): string {
  return `coalesce(array_agg(item_key ORDER BY item_key) FILTER (WHERE ${condition}), '{}')`;
}

/**
 * Rows go in by key, so that concurrent batches meet in one order and cannot lock each other out. $2
 * only with undated rows.
 */
export function storeStaged({
  hasLate,
  isAttributed,
  undated,
}: {
  readonly hasLate: boolean;
  readonly isAttributed: boolean;
  readonly undated?: Undated | undefined;
}): string {
  const rows = undated ? 'dated' : 'staged_interactions';
  const lateRows = hasLate ? 'UNION ALL SELECT *, true FROM late' : '';
  const parts = [...(undated ? [DATED_ROWS[undated]] : []), inserted(rows), ...(hasLate ? [late(rows)] : [])];
  const stored = `stored AS MATERIALIZED (SELECT *, false AS is_late FROM inserted ${lateRows})`;
  return `WITH ${[...parts, stored, ...(isAttributed ? [counted(rows)] : [])].join(',\n    ')}
    INSERT INTO stored_users SELECT user_key, is_late FROM stored`;
}

/** A deleted item is known. */
const IS_UNKNOWN = `NOT EXISTS (SELECT FROM items i WHERE i.catalog_id = ${CATALOG} AND i.external_id = s.item_id)`;

const IS_NEW_USER = `NOT EXISTS (SELECT FROM users u WHERE u.catalog_id = ${CATALOG} AND u.external_id = s.user_id)`;

/** Steps from the staging table to the tables, in this order; $1 is the catalog. */
export const MERGE_STEPS = {
  newcomers: `SELECT
    EXISTS (SELECT FROM staged_interactions s WHERE ${IS_NEW_USER}) AS users,
    EXISTS (SELECT FROM staged_interactions s WHERE ${IS_UNKNOWN}) AS items,
    EXISTS (SELECT FROM staged_interactions s WHERE NOT EXISTS
      (SELECT FROM interaction_types t WHERE t.catalog_id = ${CATALOG} AND t.name = s.type)) AS types,
    c.unknown_items = 'refuse' AS refuses, c.merges > 0 AS "hasMerged" FROM catalogs c WHERE c.id = $1`,
  followMerged: followMerged('staged_interactions', 'user_id'),

  /** $2 the most that are named. */
  unknownRows: `SELECT position, count(*) OVER ()::int AS count FROM staged_interactions s WHERE ${IS_UNKNOWN}
    ORDER BY position LIMIT $2`,
  leaveUnknownOut: `DELETE FROM staged_interactions s WHERE ${IS_UNKNOWN}`,

  /** Not against foreign keys: inserts of other batches may go on. */
  lockCatalog: 'SELECT 1 FROM catalogs WHERE id = $1 FOR NO KEY UPDATE',

  /**
   * The time of the first undated event of a pair in any import: that of the first such import,
   * once it is set.
   */
  setUndatedSince: `UPDATE catalogs SET undated_since = coalesce(undated_since, $2) WHERE id = $1 RETURNING undated_since`,
  /** Rows of a set that name a pair again. */
  countMerged: `SELECT count(*) - count(DISTINCT (user_id, item_id, type)) AS count FROM staged_interactions`,

  /** Whoever deletes one of the items, or brings one back, waits until the batch is stored. */
  lockItems: `WITH locked AS MATERIALIZED (
      SELECT i.deleted_at FROM items i WHERE i.catalog_id = ${CATALOG} AND i.external_id IN (SELECT item_id FROM staged_interactions)
      ORDER BY i.item_key FOR KEY SHARE OF i)
    SELECT count(deleted_at) > 0 AS has_late FROM locked`,

  addTypes: `INSERT INTO interaction_types (catalog_id, type_key, name)
    SELECT $1, ${LAST_TYPE_KEY} + row_number() OVER (ORDER BY min(position)), type
    FROM staged_interactions WHERE type NOT IN (SELECT name FROM interaction_types WHERE catalog_id = ${CATALOG}) GROUP BY type`,
  countTypes: 'SELECT count(*)::int AS count FROM interaction_types WHERE catalog_id = $1',

  addUsers: `WITH fresh AS (
      SELECT user_id, row_number() OVER (ORDER BY min(position)) - 1 AS rank FROM staged_interactions s
      WHERE NOT EXISTS (SELECT FROM users u WHERE u.catalog_id = ${CATALOG} AND u.external_id = s.user_id) GROUP BY user_id),
    counted AS (UPDATE catalogs SET next_user_key = next_user_key + (SELECT count(*) FROM fresh), user_rows = user_rows + (SELECT count(*) FROM fresh) WHERE id = $1
      RETURNING next_user_key - (SELECT count(*) FROM fresh) AS first)
    INSERT INTO users (catalog_id, user_key, external_id) SELECT $1, first + rank, user_id FROM fresh, counted`,
  addItems: `WITH fresh AS (
      SELECT item_id, row_number() OVER (ORDER BY min(position)) - 1 AS rank FROM staged_interactions s
      WHERE NOT EXISTS (SELECT FROM items i WHERE i.catalog_id = ${CATALOG} AND i.external_id = s.item_id) GROUP BY item_id),
    counted AS (UPDATE catalogs SET next_item_key = next_item_key + (SELECT count(*) FROM fresh), item_rows = item_rows + (SELECT count(*) FROM fresh), item_revision = item_revision + 1
      WHERE id = $1 RETURNING next_item_key - (SELECT count(*) FROM fresh) AS first, item_revision),
    added AS (INSERT INTO items (catalog_id, item_key, external_id, tags, revision)
      SELECT $1, first + rank, item_id, '{}', item_revision FROM fresh, counted)
    SELECT item_revision FROM counted`,

  changedUsers: raiseRevisions('SELECT user_key FROM stored_users WHERE NOT is_late'),
  /**
   * Whether a user was merged into another one after the newcomers were looked for: before rows were stored,
   * which then are not, or after. A merge of any of the users of stored rows waits from here on.
   */
  lockUsers: `WITH locked AS MATERIALIZED (SELECT FROM users WHERE catalog_id = ${CATALOG}
      AND user_key IN (SELECT user_key FROM stored_users) ORDER BY user_key FOR KEY SHARE)
    SELECT (SELECT count(DISTINCT user_key) FROM stored_users) > (SELECT count(*) FROM locked)
      OR EXISTS (SELECT FROM staged_interactions s WHERE ${IS_NEW_USER}) AS gone`,

  /**
   * $2 users, $3 items a user: the most recent ones, and of all others those that must not be answered. Items
   * that count nothing are there too, since they were seen. opens_at belongs to returning_keys. Nothing is
   * read of who refuses personal lists, and of a merged id only whom it names.
   */
  histories: `SELECT u.external_id, u.revision, r.personal IS TRUE AS refused, a.tags, a.metadata, h.*, NULL AS into_id
    FROM users u LEFT JOIN refusals r ON r.catalog_id = u.catalog_id AND r.user_key = u.user_key
      LEFT JOIN user_attributes a ON a.catalog_id = u.catalog_id AND a.user_key = u.user_key AND r.personal IS NOT TRUE,
    LATERAL (SELECT ${keysWhere('is_recent')} AS item_keys,
      coalesce(array_agg(value ORDER BY item_key) FILTER (WHERE is_recent), '{}') AS values,
      ${keysWhere('is_recent AND NOT excluded')} AS repeatable, ${keysWhere('excluded AND NOT is_recent')} AS also_seen,
      ${keysWhere('isfinite(opens_at)')} AS returning_keys,
      array_agg((extract(epoch FROM opens_at) * 1000)::float8 ORDER BY item_key) FILTER (WHERE isfinite(opens_at)) AS opens_at FROM (
      SELECT item_key, value, excluded, opens_at, row_number() OVER (ORDER BY occurred_at DESC, item_key) <= $3 AS is_recent
      FROM (${pairValues(`n.catalog_id = ${CATALOG} AND n.user_key = u.user_key AND r.personal IS NOT TRUE`, { ...ALL_RULES, seen: true })}) pairs) ranked) h
    WHERE u.catalog_id = ${CATALOG} AND u.external_id = ANY($2)
    UNION ALL SELECT external_id, 0, false, NULL, NULL, '{}', '{}', '{}', '{}', '{}', NULL, into_id FROM merged_ids
    WHERE catalog_id = ${CATALOG} AND external_id = ANY($2) AND ends_at > now()`,
} as const;
