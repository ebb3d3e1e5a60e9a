import { randomUUID } from 'node:crypto';
import type { TestDatabase } from '../../../support/postgres.js';

/** Rows by the names of what they are of, so that equal people of two catalogs have equal ones. */
const ROWS = {
  users: `SELECT external_id FROM users WHERE catalog_id = $1`,
  interactions: `SELECT u.external_id, i.external_id, t.name, n.occurred_at, n.weight FROM interactions n
    LEFT JOIN users u USING (catalog_id, user_key) JOIN items i USING (catalog_id, item_key)
    JOIN interaction_types t USING (catalog_id, type_key) WHERE catalog_id = $1`,
  late: `SELECT u.external_id, i.external_id, t.name, n.occurred_at, n.weight FROM late_interactions n
    LEFT JOIN users u USING (catalog_id, user_key) JOIN items i USING (catalog_id, item_key)
    JOIN interaction_types t USING (catalog_id, type_key) WHERE catalog_id = $1`,
  attributed: `SELECT u.external_id, i.external_id, t.name, n.issued_at, n.answer FROM attributed_interactions n
    LEFT JOIN users u USING (catalog_id, user_key) JOIN items i USING (catalog_id, item_key)
    JOIN interaction_types t USING (catalog_id, type_key) WHERE catalog_id = $1`,
  refusals: `SELECT u.external_id, r.training, r.personal FROM refusals r LEFT JOIN users u USING (catalog_id, user_key)
    WHERE catalog_id = $1`,
  attributes: `SELECT u.external_id, a.tags::text, a.metadata::text FROM user_attributes a
    LEFT JOIN users u USING (catalog_id, user_key) WHERE catalog_id = $1`,
  counts: `SELECT t.name, sum(interactions) FROM model_attributions a JOIN models m ON m.id = a.model_id
    JOIN interaction_types t USING (catalog_id, type_key) WHERE m.catalog_id = $1 GROUP BY t.name`,
  merged: 'SELECT external_id, into_id FROM merged_ids WHERE catalog_id = $1',
  counted: 'SELECT user_rows FROM catalogs WHERE id = $1',
} as const;

export type MergeState = Readonly<Record<keyof typeof ROWS, readonly string[]>>;

/** All that a merge may move or count. A row of nobody begins with a space. */
export async function readState(database: TestDatabase, catalogId = 'default'): Promise<MergeState> {
  const state: Record<string, readonly string[]> = {};
  for (const [kind, sql] of Object.entries(ROWS)) {
    const { rows } = await database.query(
      `SELECT row_to_json(r)::text AS row FROM (${sql}) r (a) ORDER BY 1`,
      [catalogId],
    );
    state[kind] = rows.map(({ row }) => Object.values(JSON.parse(row as string) as object).join(' '));
  }
  return state as MergeState;
}

/** A model that recommendations may come of. */
export async function addModel(database: TestDatabase, catalogId = 'default'): Promise<string> {
  const id = randomUUID();
  await database.query(
    `INSERT INTO models (id, catalog_id, run_id, kind, parameters, metrics, baseline, snapshot_hash, code_version,
      kernel, num_users, num_items, num_interactions, artifact_bytes, artifact_checksum)
    VALUES ($1, $2, gen_random_uuid(), 'ease', '{}', '{}', '{}', 'h', '1', 'scalar', 1, 1, 1, 1, 1)`,
    [id, catalogId],
  );
  return id;
}
