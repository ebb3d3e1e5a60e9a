import type { PersonRowKind } from '#domain';
import { isoTime } from '../sql/iso-time.sql.js';
import { CONSENT } from '../sql/refusals.sql.js';

/** Whose rows: expressions of SQL. */
export interface PersonKeys {
  readonly catalog: string;
  readonly userKey: number;
}

const INTERACTION = `u.external_id AS "userId", i.external_id AS "itemId", t.name AS "type", n.weight AS "weight",
  ${isoTime('n.occurred_at')} AS "occurredAt"`;
const INTERACTION_ORDER = `n.occurred_at, i.external_id COLLATE "C", t.name COLLATE "C"`;
const NAMES = `JOIN items i USING (catalog_id, item_key) JOIN interaction_types t USING (catalog_id, type_key)`;

/** Columns of a row, the table it is from, and the order of its rows. */
interface Rows {
  readonly columns: string;
  readonly table: string;
  readonly joins: string;
  readonly order: string;
}

/** By kind, in the order of the file; what else is stored of a person gets a member here. */
const ROWS: Partial<Record<PersonRowKind, Rows>> = {
  user: {
    columns: `u.external_id AS "userId", ${isoTime('u.created_at')} AS "createdAt", ${CONSENT},
      to_json(coalesce(a.tags, '{}')) AS "tags", coalesce(a.metadata, '{}') AS "metadata"`,
    table: '(SELECT catalog_id, user_key FROM users)',
    joins: `LEFT JOIN refusals r USING (catalog_id, user_key) LEFT JOIN user_attributes a USING (catalog_id, user_key)`,
    order: '1',
  },
  interaction: {
    columns: INTERACTION,
    table: 'interactions',
    joins: NAMES,
    order: INTERACTION_ORDER,
  },
  'late-interaction': {
    columns: INTERACTION,
    table: 'late_interactions',
    joins: NAMES,
    order: INTERACTION_ORDER,
  },
  attribution: {
    columns: `u.external_id AS "userId", i.external_id AS "itemId", t.name AS "type",
      ${isoTime('n.issued_at')} AS "issuedAt", n.answer AS "answer"`,
    table: 'attributed_interactions',
    joins: NAMES,
    order: `n.issued_at, n.answer, i.external_id COLLATE "C", t.name COLLATE "C"`,
  },
  'merged-id': {
    columns: `u.external_id AS "userId", n.external_id AS "mergedId", ${isoTime('n.merged_at')} AS "mergedAt",
      ${isoTime('n.ends_at')} AS "endsAt"`,
    table: `(SELECT u.catalog_id, u.user_key, m.external_id, m.merged_at, m.ends_at FROM users u
      JOIN merged_ids m ON m.catalog_id = u.catalog_id AND m.into_id = u.external_id WHERE m.ends_at > now())`,
    joins: '',
    order: 'n.external_id COLLATE "C"',
  },
};

/** Queries of all rows of a person, each row as one JSON object. */
export function selectPerson({ catalog, userKey }: PersonKeys): string[] {
  return Object.entries(ROWS).map(
    ([kind, { columns, table, joins, order }]) => `SELECT row_to_json(r)::text FROM (
      SELECT '${kind}' AS "kind", ${columns} FROM ${table} n JOIN users u USING (catalog_id, user_key) ${joins}
      WHERE catalog_id = ${catalog} AND user_key = ${userKey} ORDER BY ${order}) r`,
  );
}
