import { raiseRevisions } from '../changes/changed-users.js';
import { CATALOG } from './catalog.sql.js';

/** Keys of names in their order, null of those that are not there; by the index, however many there are. */
const keysOf = (names: string, table: string, [key, name]: readonly [key: string, name: string]) =>
  `ARRAY(SELECT (SELECT t.${key} FROM ${table} t WHERE t.catalog_id = ${CATALOG} AND t.${name} = n.name)
    FROM unnest(${names}::text[]) WITH ORDINALITY n (name, place) ORDER BY place)`;

const addNames = (table: 'users' | 'items', columns: string, values: string, counted: string) =>
  `WITH counted AS (${counted}), added AS (INSERT INTO ${table} (catalog_id, ${columns})
      SELECT $1, first + place - 1, name, ${values} FROM counted, unnest($2::text[]) WITH ORDINALITY n (name, place))
    SELECT * FROM counted`;

const KEPT = `INSERT INTO interactions (catalog_id, user_key, item_key, type_key, occurred_at, weight)
    SELECT $1, * FROM unnest($2::int[], $3::int[], $4::smallint[], $5::timestamptz[], $6::real[])
    ON CONFLICT DO NOTHING RETURNING user_key`;
/** As elements of an array, so that users are found by their index: the planner takes arrays for short. */
const USERS_OF_KEPT = 'SELECT unnest(ARRAY(SELECT DISTINCT user_key FROM kept))';

/** Steps of a batch whose rows have keys; $1 is the catalog. */
export const KEYED_STEPS = {
  /** $2, $3 and $4 names of users, items and types. */
  find: `SELECT ${keysOf('$2', 'users', ['user_key', 'external_id'])} AS users,
    ${keysOf('$3', 'items', ['item_key', 'external_id'])} AS items,
    ${keysOf('$4', 'interaction_types', ['type_key', 'name'])} AS types,
    c.unknown_items = 'refuse' AS refuses, c.merges > 0 AS "hasMerged" FROM catalogs c WHERE c.id = $1`,

  /** $2 their keys. Whoever deletes one of the items, or brings one back, waits until the batch is stored. */
  lockItems: `WITH locked AS MATERIALIZED (
      SELECT deleted_at FROM items WHERE catalog_id = ${CATALOG} AND item_key = ANY($2::int[]) ORDER BY item_key FOR KEY SHARE)
    SELECT count(deleted_at) > 0 AS "hasLate" FROM locked`,

  /** $2 their names. */
  addUsers: addNames(
    'users',
    'user_key, external_id, revision',
    '0',
    `UPDATE catalogs SET next_user_key = next_user_key + cardinality($2::text[]), user_rows = user_rows + cardinality($2::text[])
      WHERE id = $1 RETURNING next_user_key - cardinality($2::text[]) AS first`,
  ),
  addItems: addNames(
    'items',
    'item_key, external_id, tags, revision',
    `'{}', revision`,
    `UPDATE catalogs SET next_item_key = next_item_key + cardinality($2::text[]), item_rows = item_rows + cardinality($2::text[]),
        item_revision = item_revision + 1
      WHERE id = $1 RETURNING next_item_key - cardinality($2::text[]) AS first, item_revision AS revision`,
  ),

  /**
   * $2 to $6 the columns of rows in the order of the primary key, so that concurrent batches meet in one
   * order. Of equal rows the first is stored. At least one row, and one of each user who is there: of one who
   * was merged meanwhile there is none.
   */
  store: `WITH kept AS (${KEPT}), raised AS (${raiseRevisions(USERS_OF_KEPT)}),
    counted AS (SELECT count(*)::int AS stored, count(DISTINCT user_key)::int AS users FROM kept)
    SELECT * FROM counted LEFT JOIN raised ON true`,
} as const;
