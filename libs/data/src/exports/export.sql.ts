import { isoTime } from '../sql/iso-time.sql.js';

export const EXPORTED_TABLES = ['interactions', 'items', 'users'] as const;
export type ExportedTable = (typeof EXPORTED_TABLES)[number];

/** Since 1970, as a number that a double holds exactly. */
const microseconds = (column: string) => `(extract(epoch FROM ${column}) * 1000000)::bigint`;

/** How an expression of a type is written. */
interface Forms {
  readonly time: (column: string) => string;
  readonly boolean: (column: string) => string;
}

const AS_JSON: Forms = { time: isoTime, boolean: (column) => column };
const AS_CELLS: Forms = { time: isoTime, boolean: (column) => `${column}::text` };
const AS_NUMBERS: Forms = { time: microseconds, boolean: (column) => column };

/** An empty title is none, and a tag that comes twice says nothing. */
const TITLE = `nullif(title, '')`;
const TAGS = `ARRAY(SELECT tag FROM unnest(tags) WITH ORDINALITY AS t (tag, place) GROUP BY tag ORDER BY min(place))`;

/** Without metadata. */
const COLUMNS: Readonly<Record<ExportedTable, (forms: Forms) => string>> = {
  interactions: ({
    time,
  }) => `u.external_id AS "userId", i.external_id AS "itemId", t.name AS "type", n.weight AS "weight",
    ${time('n.occurred_at')} AS "occurredAt"`,
  items: ({
    time,
    boolean,
  }) => `external_id AS "itemId", ${TITLE} AS "title", to_json(${TAGS}) AS "tags", ${boolean('available')} AS "available",
    ${time('created_at')} AS "createdAt", ${time('deleted_at')} AS "deletedAt"`,
  users: ({ boolean }) => `external_id AS "userId", ${boolean('(r.training IS NOT TRUE)')} AS "training",
    ${boolean('(r.personal IS NOT TRUE)')} AS "personal", to_json(${TAGS}) AS "tags"`,
};

const KEYS = 'catalog_id, user_key, item_key, type_key, occurred_at, weight';

/** Late interactions are among the others: their items are deleted, which makes them late again. */
const TABLES: Readonly<Record<ExportedTable, string>> = {
  interactions: `(SELECT ${KEYS} FROM interactions UNION ALL SELECT ${KEYS} FROM late_interactions) n
    JOIN users u USING (catalog_id, user_key) JOIN items i USING (catalog_id, item_key)
    JOIN interaction_types t USING (catalog_id, type_key)`,
  items: 'items',
  users: `users LEFT JOIN refusals r USING (catalog_id, user_key)
    LEFT JOIN user_attributes USING (catalog_id, user_key)`,
};

/** In the order of bytes, which is the same in every database. */
const ORDER: Readonly<Record<ExportedTable, string>> = {
  interactions: `u.external_id COLLATE "C", n.occurred_at, i.external_id COLLATE "C", t.name COLLATE "C"`,
  items: 'external_id COLLATE "C"',
  users: 'external_id COLLATE "C"',
};

interface Selection {
  /** As a literal of SQL. */
  readonly catalog: string;
  readonly forms: Forms;
  /** Further columns. */
  readonly more?: readonly string[];
}

function selectRows(table: ExportedTable, { catalog, forms, more = [] }: Selection): string {
  const columns = [COLUMNS[table](forms), ...more].join(', ');
  return `SELECT ${columns} FROM ${TABLES[table]} WHERE catalog_id = ${catalog} ORDER BY ${ORDER[table]}`;
}

/** Where the metadata of a table is. */
const METADATA_OF: Readonly<Partial<Record<ExportedTable, string>>> = {
  items: 'items',
  users: 'user_attributes',
};

export function hasMetadata(table: ExportedTable): boolean {
  return METADATA_OF[table] !== undefined;
}

/** Names of metadata that are columns. All other members are one object in the column `metadata`. */
export const findMetadataNames = (
  table: ExportedTable,
): string => `SELECT name, quote_literal(name) AS literal, quote_ident('metadata.' || name) AS column
  FROM (SELECT DISTINCT name COLLATE "C" AS name FROM ${METADATA_OF[table]}, jsonb_object_keys(metadata) AS name
    WHERE catalog_id = $1 AND name ~ '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$' ORDER BY 1 LIMIT 1000) names`;

/** A name of metadata, quoted as a text and as the column of the name. */
export interface MetadataName {
  readonly name: string;
  readonly literal: string;
  readonly column: string;
}

/** Values that a reader of CSV takes for what they are, where texts and numbers look alike. */
const IS_PLAIN = `CASE jsonb_typeof(value) WHEN 'boolean' THEN true
    WHEN 'number' THEN value::text ~ '^(-?[1-9][0-9]{0,14}|0|-?(0|[1-9][0-9]{0,8})\\.[0-9]{0,5}[1-9])$'
    WHEN 'string' THEN value #>> '{}' !~ '^-?(0|[1-9][0-9]*)(\\.[0-9]+)?(e[+-]?[0-9]+)?$'
      AND value #>> '{}' NOT IN ('', 'true', 'false')
    ELSE false END`;
/** Null in a column says that there is nothing. */
const IS_SOMETHING = `jsonb_typeof(value) <> 'null'`;

const namesIn = (names: readonly MetadataName[]) =>
  `ARRAY[${names.map(({ literal }) => literal).join(', ')}]::text[]`;

/** @param members what of a row's metadata, whose columns are `name` and `value` */
const collect = (members: string, name = 'name') =>
  `(SELECT jsonb_object_agg(${name}, value) FROM jsonb_each(metadata) AS m (name, value) WHERE ${members})`;

/** Cells of a table in CSV, with a column `metadata` only if `hasRest`. */
export function selectCells(
  table: ExportedTable,
  catalog: string,
  { names, hasRest }: { readonly names: readonly MetadataName[]; readonly hasRest: boolean },
): string {
  if (!hasMetadata(table)) return selectRows(table, { catalog, forms: AS_CELLS });
  const cell = ({ literal, column }: MetadataName) =>
    `(SELECT value #>> '{}' FROM (SELECT metadata -> ${literal} AS value) m WHERE ${IS_PLAIN}) AS ${column}`;
  const rest = hasRest ? [`${collect(isRest(names, IS_PLAIN))} AS "metadata"`] : [];
  return selectRows(table, { catalog, forms: AS_CELLS, more: [...names.map(cell), ...rest] });
}

function isRest(names: readonly MetadataName[], fits: string): string {
  return `NOT (name = ANY(${namesIn(names)}) AND ${fits})`;
}

/** Whether a row of the catalog $1 has metadata that CSV has no column of its own for. */
export const findRest = (table: ExportedTable, names: readonly MetadataName[]): string =>
  `SELECT EXISTS (SELECT FROM ${METADATA_OF[table]}, jsonb_each(metadata) AS m (name, value)
    WHERE catalog_id = $1 AND ${isRest(names, IS_PLAIN)}) AS "hasRest"`;

/** Each row as one JSON object; those with metadata have a member `metadata.NAME` for each of it. */
export function selectObjects(table: ExportedTable, catalog: string, names: readonly MetadataName[]): string {
  if (!hasMetadata(table))
    return `SELECT row_to_json(r)::text FROM (${selectRows(table, { catalog, forms: AS_JSON })}) r`;
  const columns = `${collect(`NOT (${isRest(names, IS_SOMETHING)})`, `'metadata.' || name`)} AS _`;
  const rest = `${collect(isRest(names, IS_SOMETHING))} AS "metadata"`;
  const rows = selectRows(table, { catalog, forms: AS_JSON, more: [columns, rest] });
  return `SELECT (CASE WHEN metadata IS NULL THEN to_jsonb(r) - '_' - 'metadata' ELSE to_jsonb(r) - '_' END
    || coalesce(_, '{}'))::text FROM (${rows}) r`;
}

/** Each row as one JSON object, with times in microseconds since 1970, and metadata as one member. */
export function selectTypedCells(table: ExportedTable, catalog: string): string {
  const more = hasMetadata(table) ? [`coalesce(metadata, '{}') AS "metadata"`] : [];
  const rows = selectRows(table, { catalog, forms: AS_NUMBERS, more });
  return `SELECT row_to_json(r)::text FROM (${rows}) r`;
}

/** Cells that begin or end with a blank, which a reader would cut off, by the names of their columns. */
const BLANKS = `~ '^[\\u0001-\\u0020]|[\\u0001-\\u0020]$'`;
const existsIn = (table: string, column: string) =>
  `EXISTS (SELECT FROM ${table} WHERE catalog_id = $1 AND ${column} ${BLANKS})`;
const USERS = existsIn('users', 'external_id');
const ITEMS = existsIn('items', 'external_id');

/** For each column of CSV whether all its cells are to stand in quotes, in the catalog $1. */
export const FIND_QUOTED: Readonly<Record<ExportedTable, string>> = {
  interactions: `SELECT ${USERS} AS "userId", ${ITEMS} AS "itemId", ${existsIn('interaction_types', 'name')} AS "type"`,
  items: `SELECT ${ITEMS} AS "itemId", ${existsIn('items', 'title')} AS "title"`,
  users: `SELECT ${USERS} AS "userId"`,
};
