export const EXPORTED_TABLES = ['interactions', 'items', 'users'] as const;
export type ExportedTable = (typeof EXPORTED_TABLES)[number];

/** ISO 8601 in UTC, with microseconds only where there are any. */
const isoTime = (column: string) =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.' ||
    CASE WHEN date_trunc('milliseconds', ${column}) = ${column} THEN 'MS' ELSE 'US' END || '"Z"')`;

/** Without the metadata of items, which have a column for each of their names. */
const COLUMNS: Readonly<Record<ExportedTable, string>> = {
  interactions: `u.external_id AS "userId", i.external_id AS "itemId", t.name AS "type", n.weight AS "weight",
    ${isoTime('n.occurred_at')} AS "occurredAt"`,
  items: `external_id AS "itemId", title AS "title", to_json(tags) AS "tags", available AS "available",
    ${isoTime('created_at')} AS "createdAt", ${isoTime('deleted_at')} AS "deletedAt"`,
  users: `external_id AS "userId", ${isoTime('created_at')} AS "createdAt"`,
};

const TABLES: Readonly<Record<ExportedTable, string>> = {
  interactions: `interactions n JOIN users u USING (catalog_id, user_key) JOIN items i USING (catalog_id, item_key)
    JOIN interaction_types t USING (catalog_id, type_key)`,
  items: 'items',
  users: 'users',
};

/** In the order of bytes, which is the same in every database. */
const ORDER: Readonly<Record<ExportedTable, string>> = {
  interactions: `u.external_id COLLATE "C", n.occurred_at, i.external_id COLLATE "C", t.name COLLATE "C"`,
  items: 'external_id COLLATE "C"',
  users: 'external_id COLLATE "C"',
};

/** @param catalog as a literal of SQL @param more further columns of items */
export function selectRows(table: ExportedTable, catalog: string, more: readonly string[] = []): string {
  const columns = [COLUMNS[table], ...more].join(', ');
  return `SELECT ${columns} FROM ${TABLES[table]} WHERE catalog_id = ${catalog} ORDER BY ${ORDER[table]}`;
}

/** Names of all metadata of a catalog's items. */
export const FIND_METADATA_NAMES = `SELECT DISTINCT name COLLATE "C" AS name
  FROM items, jsonb_object_keys(metadata) AS name WHERE catalog_id = $1 ORDER BY 1`;

/** Each row as one JSON object; those of items have a member `metadata.NAME` for each of their metadata. */
export function selectObjects(table: ExportedTable, catalog: string): string {
  if (table !== 'items') return `SELECT row_to_json(r)::text FROM (${selectRows(table, catalog)}) r`;
  return `SELECT (to_jsonb(r) - '_' || coalesce((SELECT jsonb_object_agg('metadata.' || name, value)
    FROM jsonb_each(_) AS metadata (name, value)), '{}'))::text FROM (${selectRows(table, catalog, ['metadata AS _'])}) r`;
}
