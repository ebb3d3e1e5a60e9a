import { CATALOG } from '../sql/catalog.sql.js';

/** Merged ids that name another user by now, as rows of `merged_ids`; $1 is the catalog. */
const FOLLOWED = `m.catalog_id = ${CATALOG} AND m.ends_at > now()`;

/** Whom a merged id names, of which `name` is an expression; null of any other id. */
export const mergedInto = (name: string) =>
  `(SELECT m.into_id FROM merged_ids m WHERE ${FOLLOWED} AND m.external_id = ${name})`;

/** The id of the user of whom `name` is an id, if it is one: the own one counts before a merged one. */
export const idOfUser = (name: string) =>
  `coalesce((SELECT own.external_id FROM users own WHERE own.catalog_id = ${CATALOG} AND own.external_id = ${name}), ${mergedInto(name)})`;

/** $2 ids: those that are merged, each with the user that it names. */
export const FIND_MERGED = `SELECT m.external_id AS id, m.into_id AS "intoId" FROM merged_ids m
  WHERE ${FOLLOWED} AND m.external_id = ANY($2)`;

/** Puts whom they name in the place of merged ids that are nobody's own. */
export const followMerged = (table: string, column: string) => `UPDATE ${table} s SET ${column} = m.into_id
  FROM merged_ids m WHERE ${FOLLOWED} AND m.external_id = s.${column}
    AND NOT EXISTS (SELECT FROM users own WHERE own.catalog_id = ${CATALOG} AND own.external_id = s.${column})`;
