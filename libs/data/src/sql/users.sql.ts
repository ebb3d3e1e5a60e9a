import { raiseRevisions } from '../changes/changed-users.js';
import { followMerged } from '../people/merged-ids.sql.js';
import { CATALOG } from './catalog.sql.js';
import { dropAllButLast } from './repeated-rows.sql.js';

/** Where users wait, as JSON, and what of them is to be changed. */
export const USER_TABLES = {
  staged_user_details: 'position int NOT NULL, external_id text NOT NULL, details text NOT NULL',
  fresh_user_details: 'rank int NOT NULL, external_id text NOT NULL',
  changed_user_details: 'user_key int NOT NULL',
};

/** Each user of the import with what is stored: refusals `r` and attributes `a`, where there are any. */
const BESIDE = `(SELECT external_id, ARRAY(SELECT jsonb_array_elements_text(one->'tags')) AS tags, one->'metadata' AS metadata,
      NOT (one->>'training')::boolean AS no_training, NOT (one->>'personal')::boolean AS no_personal
    FROM (SELECT external_id, details::jsonb AS one FROM staged_user_details) d) s
  JOIN users u ON u.catalog_id = ${CATALOG} AND u.external_id = s.external_id
  LEFT JOIN refusals r ON r.catalog_id = ${CATALOG} AND r.user_key = u.user_key
  LEFT JOIN user_attributes a ON a.catalog_id = ${CATALOG} AND a.user_key = u.user_key`;
/** What the file does not say stays as it is. */
const NO_TRAINING = 'coalesce(s.no_training, r.training, false)';
const NO_PERSONAL = 'coalesce(s.no_personal, r.personal, false)';
const OF_CHANGED = 'u.user_key IN (SELECT user_key FROM changed_user_details)';
const IS_EMPTY = `s.tags = '{}' AND s.metadata = '{}'`;

const RAISE = raiseRevisions('SELECT user_key FROM changed_user_details');

/** Steps from the staging table of users to the tables; $1 is the catalog. */
export const USER_STEPS = {
  /** Of an id that comes twice the last one counts. */
  dropRepeated: dropAllButLast('staged_user_details'),
  analyze: 'ANALYZE staged_user_details',
  countMerges: 'SELECT merges FROM catalogs WHERE id = $1',
  /** A merged id is nobody's own. */
  followMerged: followMerged('staged_user_details', 'external_id'),
  fresh: `INSERT INTO fresh_user_details SELECT row_number() OVER (ORDER BY position) - 1, external_id
    FROM staged_user_details s
    WHERE NOT EXISTS (SELECT FROM users u WHERE u.catalog_id = ${CATALOG} AND u.external_id = s.external_id)`,
  /** $2 the first key. */
  add: `INSERT INTO users (catalog_id, user_key, external_id) SELECT $1, $2 + rank, external_id FROM fresh_user_details
    ORDER BY external_id ON CONFLICT (catalog_id, external_id) DO NOTHING`,
  findChanged: `INSERT INTO changed_user_details SELECT u.user_key FROM ${BESIDE}
    WHERE (${NO_TRAINING}, ${NO_PERSONAL}) <> (coalesce(r.training, false), coalesce(r.personal, false))
      OR (s.tags, s.metadata) <> (coalesce(a.tags, '{}'), coalesce(a.metadata, '{}'))`,
  /** Whoever changes one of them waits, or was before: what is stored of them is read after this. */
  lock: `WITH locked AS MATERIALIZED (SELECT user_key FROM users
      WHERE catalog_id = ${CATALOG} AND user_key IN (SELECT user_key FROM changed_user_details) ORDER BY user_key FOR NO KEY UPDATE)
    SELECT count(*)::int AS locked FROM locked`,
  refuse: `INSERT INTO refusals (catalog_id, user_key, training, personal)
    SELECT $1, u.user_key, ${NO_TRAINING}, ${NO_PERSONAL} FROM ${BESIDE}
    WHERE ${OF_CHANGED} AND (${NO_TRAINING} OR ${NO_PERSONAL} OR r.user_key IS NOT NULL)
    ON CONFLICT (catalog_id, user_key) DO UPDATE SET training = excluded.training, personal = excluded.personal`,
  /** Only who has said no to something has a row. */
  allow: `DELETE FROM refusals r WHERE catalog_id = ${CATALOG} AND NOT training AND NOT personal
    AND user_key IN (SELECT user_key FROM changed_user_details)`,
  describe: `INSERT INTO user_attributes (catalog_id, user_key, tags, metadata)
    SELECT $1, u.user_key, s.tags, s.metadata FROM ${BESIDE} WHERE ${OF_CHANGED} AND NOT (${IS_EMPTY})
    ON CONFLICT (catalog_id, user_key) DO UPDATE SET tags = excluded.tags, metadata = excluded.metadata`,
  forget: `DELETE FROM user_attributes WHERE catalog_id = ${CATALOG}
    AND user_key IN (SELECT u.user_key FROM ${BESIDE} WHERE ${OF_CHANGED} AND ${IS_EMPTY})`,
  raise: RAISE,
  /** Of so many that nobody is told of each. */
  raiseMany: `WITH raised AS (${RAISE}) SELECT count(*) FROM raised`,
  /** Locks the catalog: $2 new rows. */
  finish: 'UPDATE catalogs SET user_rows = user_rows + $2 WHERE id = $1 RETURNING merges',
  /** Users whom the import has made, and a merge has not seen. */
  mergedMeanwhile: `SELECT u.user_key AS "fromKey", m.into_id AS "intoId" FROM fresh_user_details f
    JOIN merged_ids m ON m.catalog_id = ${CATALOG} AND m.external_id = f.external_id AND m.ends_at > now()
    JOIN users u ON u.catalog_id = ${CATALOG} AND u.external_id = f.external_id`,
} as const;
