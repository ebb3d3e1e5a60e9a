import { followMerged } from '../people/merged-ids.sql.js';
import { CATALOG } from './catalog.sql.js';
import type { Undated } from './dated-rows.sql.js';
import { dropAllButLast } from './repeated-rows.sql.js';
import { LAST_TYPE_KEY, TYPE_KEY_GAP } from './type-keys.sql.js';

/** Where items wait, as JSON. */
export const ITEM_TABLES = {
  staged_item_details:
    'position int NOT NULL, external_id text NOT NULL, details text NOT NULL, is_deleted boolean NOT NULL',
};

/** Where an import waits. Names have numbers, as a rule one each, and rows have the numbers. */
export const BULK_TABLES = {
  staged_rows:
    'position int NOT NULL, user_number int NOT NULL, item_number int NOT NULL, type_number int NOT NULL, weight real NOT NULL, occurred_at timestamptz',
  staged_users: 'number int NOT NULL, external_id text NOT NULL',
  staged_items: 'number int NOT NULL, external_id text NOT NULL',
  staged_types: 'number int NOT NULL, name text NOT NULL',
  staged_attributions:
    'position int NOT NULL, recommended_by text NOT NULL, issued_at timestamptz NOT NULL, answer int NOT NULL',
  fresh_users: 'rank int NOT NULL, external_id text NOT NULL',
  fresh_items: 'rank int NOT NULL, external_id text NOT NULL',
  user_keys: 'number int NOT NULL, user_key int NOT NULL',
  item_keys: 'number int NOT NULL, item_key int NOT NULL, is_late boolean NOT NULL',
  type_keys: 'number int NOT NULL, type_key smallint NOT NULL',
  fresh_rows:
    'position int NOT NULL, user_key int NOT NULL, item_key int NOT NULL, type_key smallint NOT NULL, occurred_at timestamptz NOT NULL, weight real NOT NULL, is_late boolean NOT NULL',
};

const KEY = 'user_key, item_key, type_key, occurred_at';

/** Numbers the events of a user, item and type as they came. A sort that PostgreSQL spills to disk. */
const RANK =
  'row_number() OVER (PARTITION BY user_key, item_key, type_key, occurred_at IS NULL ORDER BY position)';
const TIME_OF: Readonly<Record<Undated | 'dated', string>> = {
  dated: 'occurred_at',
  events: `coalesce(occurred_at, $2::timestamptz + (${RANK} - 1) * interval '1 millisecond')`,
  set: 'coalesce(occurred_at, $2::timestamptz)',
};

export interface BulkQuery {
  /** What rows without a time are, dated from $2; absent: all have one. */
  readonly undated?: Undated | undefined;
  /** Whether rows may be there that are stored already. */
  readonly mayRepeat: boolean;
  /** Whether items may be deleted ones. */
  readonly hasLate: boolean;
}

/**
 * Rows by their keys, the first of equal ones, without those that are stored. Sorted by the primary key:
 * its index then grows at its end, and concurrent imports meet in one order.
 */
function distinctRows({ undated, mayRepeat, hasLate }: BulkQuery): string {
  const isStored = (table: string, condition: string) =>
    `${condition} AND EXISTS (SELECT FROM ${table} n WHERE n.catalog_id = ${CATALOG} AND n.user_key = d.user_key
      AND n.item_key = d.item_key AND n.type_key = d.type_key AND n.occurred_at = d.occurred_at)`;
  const stored = [
    ...(mayRepeat ? [isStored('interactions', 'true')] : []),
    ...(hasLate ? [isStored('late_interactions', 'd.is_late')] : []),
  ];
  return `SELECT d.* FROM (SELECT DISTINCT ON (${KEY}) * FROM (
      SELECT s.position, user_key, item_key, type_key, ${TIME_OF[undated ?? 'dated']} AS occurred_at, s.weight, is_late
      FROM staged_rows s JOIN user_keys u ON u.number = s.user_number JOIN item_keys i ON i.number = s.item_number
        JOIN type_keys t ON t.number = s.type_number) k
      ORDER BY ${KEY}, position) d
    ${stored.length > 0 ? `WHERE ${stored.map((condition) => `NOT (${condition})`).join(' AND ')}` : ''}`;
}

const TELL_EVERY_ROWS = 50_000;
/** The server says nothing of an INSERT before its end, but for what a function says that it calls. */
export const TELL_STORED = `SET LOCAL client_min_messages = notice;
  CREATE OR REPLACE FUNCTION pg_temp.tell_stored(stored bigint) RETURNS boolean LANGUAGE plpgsql AS
    $$ BEGIN RAISE NOTICE 'stored % rows', stored; RETURN true; END $$`;

function telling(rows: string): string {
  return `SELECT * FROM (SELECT *, row_number() OVER (ORDER BY ${KEY}) AS place FROM (${rows}) o) p
    WHERE place % ${TELL_EVERY_ROWS} <> 0 OR pg_temp.tell_stored(place)`;
}

export interface Insertion {
  /** Whether nobody else can have stored one of the rows meanwhile. */
  readonly isAlone: boolean;
  /** Whether it tells how many rows are stored, after {@link TELL_STORED}. */
  readonly tells: boolean;
}

function insertInto(table: string, rows: string, { isAlone, tells }: Insertion): string {
  return `INSERT INTO ${table} (catalog_id, ${KEY}, weight) SELECT $1, ${KEY}, weight FROM (${tells ? telling(rows) : rows}) r
    ORDER BY ${KEY} ${isAlone ? '' : 'ON CONFLICT DO NOTHING'}`;
}

const addNames = (table: 'users' | 'items', columns: string, values: string) =>
  `INSERT INTO ${table} (catalog_id, ${columns}) SELECT $1, $2 + rank, external_id, ${values} FROM fresh_${table}
    ORDER BY external_id ON CONFLICT (catalog_id, external_id) DO NOTHING`;

const freshNames = (table: 'users' | 'items') =>
  `INSERT INTO fresh_${table} SELECT row_number() OVER (ORDER BY min(number)) - 1, external_id FROM staged_${table} s
    WHERE NOT EXISTS (SELECT FROM ${table} n WHERE n.catalog_id = ${CATALOG} AND n.external_id = s.external_id) GROUP BY external_id`;

/** A deleted item is known. */
const IS_UNKNOWN = `s.item_number IN (SELECT number FROM staged_items n
  WHERE NOT EXISTS (SELECT FROM items i WHERE i.catalog_id = ${CATALOG} AND i.external_id = n.external_id)
    AND NOT EXISTS (SELECT FROM staged_item_details d WHERE d.external_id = n.external_id))`;

const dropUnused = (table: string, column: string) =>
  `DELETE FROM ${table} WHERE number >= 0 AND number NOT IN (SELECT ${column} FROM staged_rows)`;

/** Steps from the staging tables of an import to the tables; $1 is the catalog. */
export const BULK_STEPS = {
  /** $2 the most that are named. */
  unknownRows: `SELECT position, count(*) OVER ()::int AS count FROM staged_rows s WHERE ${IS_UNKNOWN}
    ORDER BY position LIMIT $2`,
  leaveUnknownOut: `DELETE FROM staged_rows s WHERE ${IS_UNKNOWN}`,
  dropUnusedUsers: dropUnused('staged_users', 'user_number'),
  dropUnusedItems: dropUnused('staged_items', 'item_number'),
  dropUnusedTypes: dropUnused('staged_types', 'type_number'),

  /** Names of items that are put: numbers below 0, since they come first. */
  namePutItems: `INSERT INTO staged_items SELECT position - 2147483648::bigint, external_id FROM staged_item_details`,
  /** Of an id that comes twice the last one counts. */
  dropRepeatedItems: dropAllButLast('staged_item_details'),
  /** $2 the revision. */
  putItems: `UPDATE items i SET title = item->>'title', tags = ARRAY(SELECT jsonb_array_elements_text(item->'tags')),
      metadata = item->'metadata', available = (item->>'available')::boolean, revision = $2,
      created_at = coalesce((item->>'createdAt')::timestamptz, created_at), deleted_at = (item->>'deletedAt')::timestamptz,
      updated_at = greatest(updated_at, now(), (item->>'createdAt')::timestamptz)
    FROM (SELECT external_id, details::jsonb AS item FROM staged_item_details) d
    WHERE i.catalog_id = ${CATALOG} AND i.external_id = d.external_id`,
  /** Items that go or come back, new deleted ones among them. Whoever stores one of them waits. */
  lockMoving: `SELECT i.item_key, i.deleted_at IS NOT NULL AS returns FROM items i JOIN staged_item_details d USING (external_id)
    WHERE i.catalog_id = ${CATALOG} AND (i.deleted_at IS NULL) = d.is_deleted ORDER BY i.item_key FOR UPDATE OF i`,
  countPut: `SELECT count(f.external_id) FILTER (WHERE NOT is_deleted)::int AS created, count(*) FILTER (WHERE is_deleted)::int AS deleted
    FROM staged_item_details LEFT JOIN fresh_items f USING (external_id)`,

  followMerged: followMerged('staged_users', 'external_id'),
  /** Users who were merged into others since then. */
  mergedMeanwhile: `SELECT DISTINCT k.user_key AS "fromKey", m.into_id AS "intoId" FROM merged_ids m
    JOIN staged_users s ON s.external_id = m.external_id JOIN user_keys k ON k.number = s.number
    WHERE m.catalog_id = ${CATALOG} AND m.ends_at > now()`,

  freshUsers: freshNames('users'),
  freshItems: freshNames('items'),
  /**
   * $2 and $3 how many keys, and a revision for items; $4 the time from which undated rows are dated
   * if no import has set one.
   */
  reserveKeys: `UPDATE catalogs SET next_user_key = next_user_key + $2, next_item_key = next_item_key + $3,
      key_reservations = key_reservations + 1, item_revision = item_revision + 1, undated_since = coalesce(undated_since, $4)
    WHERE id = $1 RETURNING next_user_key - $2 AS users, next_item_key - $3 AS items, undated_since AS "undatedSince",
      item_revision AS "itemRevision"`,

  addTypes: `INSERT INTO interaction_types (catalog_id, type_key, name)
    SELECT $1, ${LAST_TYPE_KEY} + ${TYPE_KEY_GAP} + row_number() OVER (ORDER BY number), name
    FROM staged_types WHERE name NOT IN (SELECT name FROM interaction_types WHERE catalog_id = ${CATALOG})`,
  /** $2 the first key. Revision 1, as if it had changed once. */
  addUsers: addNames('users', 'user_key, external_id, revision', '1'),
  /** $2 the first key, $3 the revision. */
  addItems: addNames('items', 'item_key, external_id, revision, tags', `$3, '{}'`),

  userKeys: `INSERT INTO user_keys SELECT s.number, u.user_key FROM staged_users s
    JOIN users u ON u.catalog_id = ${CATALOG} AND u.external_id = s.external_id`,
  /** Whoever deletes one of the items, or brings one back, waits until the import is stored. */
  itemKeys: `WITH locked AS MATERIALIZED (
      SELECT i.item_key, i.external_id, i.deleted_at FROM items i
      WHERE i.catalog_id = ${CATALOG} AND i.external_id IN (SELECT external_id FROM staged_items) ORDER BY i.item_key FOR KEY SHARE OF i)
    INSERT INTO item_keys SELECT s.number, i.item_key, i.deleted_at IS NOT NULL FROM staged_items s
      JOIN locked i ON i.external_id = s.external_id`,
  typeKeys: `INSERT INTO type_keys SELECT s.number, t.type_key FROM staged_types s
    JOIN interaction_types t ON t.catalog_id = ${CATALOG} AND t.name = s.name`,
  facts: `SELECT unknown_items = 'refuse' AS refuses, merges, EXISTS (SELECT FROM interactions WHERE catalog_id = $1) AS "hasRows"
    FROM catalogs WHERE id = $1`,
  hasLate: 'SELECT EXISTS (SELECT FROM item_keys WHERE is_late) AS "hasLate"',
  countPairs: `SELECT count(*) AS pairs FROM (SELECT DISTINCT user_key, item_key, type_key FROM staged_rows s
    JOIN user_keys u ON u.number = s.user_number JOIN item_keys i ON i.number = s.item_number
    JOIN type_keys t ON t.number = s.type_number) p`,

  countTypes: 'SELECT count(*)::int AS count FROM interaction_types WHERE catalog_id = $1',
  hasAllKeys: `SELECT NOT EXISTS (SELECT FROM staged_users WHERE number NOT IN (SELECT number FROM user_keys))
    AND NOT EXISTS (SELECT FROM staged_items WHERE number NOT IN (SELECT number FROM item_keys)) AS "hasAll"`,

  /**
   * At the end, since it locks the catalog: $2 and $3 new rows, $4 the revision of changed items, null
   * without any, $5 whether histories have changed, $6 how many more items are deleted. Who has read items
   * changed later would not see those of an older revision.
   */
  finish: `UPDATE catalogs SET user_rows = user_rows + $2, item_rows = item_rows + $3,
      item_revision = item_revision + coalesce(item_revision <> $4, false)::int, deleted_items = deleted_items + $6,
      cache_epoch = cache_epoch + $5::boolean::int
    WHERE id = $1 RETURNING item_revision AS "itemRevision", cache_epoch AS "cacheEpoch", unknown_items = 'refuse' AS refuses, merges`,
  /** $2 the new revision, $3 the one that was reserved. */
  reviseItems: 'UPDATE items SET revision = $2 WHERE catalog_id = $1 AND revision = $3',
} as const;

export const storeRows = (query: BulkQuery, insertion: Insertion): string =>
  insertInto('interactions', distinctRows(query), insertion);

/** Where it has to be known what is stored. */
export const keepFreshRows = (query: BulkQuery): string =>
  `INSERT INTO fresh_rows SELECT position, ${KEY}, weight, is_late FROM (${distinctRows(query)}) r`;

export const storeFreshRows = (isLate: boolean, insertion: Insertion): string =>
  insertInto(
    isLate ? 'late_interactions' : 'interactions',
    `SELECT * FROM fresh_rows WHERE ${isLate ? '' : 'NOT '}is_late`,
    insertion,
  );
