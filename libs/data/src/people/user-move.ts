import type { PoolClient } from 'pg';
import { LIMITS } from '#domain';
import { CATALOG } from '../sql/catalog.sql.js';
import { KEYED_STEPS } from '../sql/keyed.sql.js';

const KEY = 'item_key, type_key, occurred_at';

/** $2 the user whose rows go, $3 whose they become; of equal rows that user's own is kept. */
const moveRows = (table: string) => `WITH gone AS (
      DELETE FROM ${table} WHERE catalog_id = ${CATALOG} AND user_key = $2 RETURNING ${KEY}, weight),
    moved AS (INSERT INTO ${table} (catalog_id, user_key, ${KEY}, weight)
      SELECT $1, $3::int, ${KEY}, weight FROM gone ORDER BY ${KEY} ON CONFLICT DO NOTHING RETURNING 1)
  SELECT (SELECT count(*)::int FROM gone) AS gone, (SELECT count(*)::int FROM moved) AS moved`;

const MOVE_STEPS = {
  /**
   * $2 the user. Who stores rows of one locks the user at the end, and then finds nobody; who has locked the
   * user before is waited for.
   */
  lockUser: `SELECT revision, created_at AS "createdAt" FROM users WHERE catalog_id = ${CATALOG} AND user_key = $2 FOR UPDATE`,

  /** $2 the user. Whoever deletes one of the items, or brings one back, waits until the rows are moved. */
  lockItems: `SELECT 1 FROM items WHERE catalog_id = ${CATALOG} AND item_key IN (
      SELECT item_key FROM interactions WHERE catalog_id = ${CATALOG} AND user_key = $2
      UNION SELECT item_key FROM late_interactions WHERE catalog_id = ${CATALOG} AND user_key = $2)
    ORDER BY item_key FOR KEY SHARE`,

  interactions: moveRows('interactions'),
  lateInteractions: moveRows('late_interactions'),

  /** As {@link moveRows}. What both were counted for was counted twice for its model, and is once now. */
  attributions: `WITH gone AS (DELETE FROM attributed_interactions WHERE catalog_id = ${CATALOG} AND user_key = $2 RETURNING *),
    moved AS (INSERT INTO attributed_interactions (catalog_id, issued_at, answer, user_key, item_key, type_key, model_id)
      SELECT $1, issued_at, answer, $3::int, item_key, type_key, model_id FROM gone ORDER BY 2, 3, 5, 6
      ON CONFLICT DO NOTHING RETURNING issued_at, answer, item_key, type_key),
    twice AS (SELECT model_id, type_key, count(*) AS rows FROM gone g WHERE NOT EXISTS (SELECT FROM moved m
        WHERE (m.issued_at, m.answer, m.item_key, m.type_key) = (g.issued_at, g.answer, g.item_key, g.type_key))
      GROUP BY model_id, type_key),
    locked AS MATERIALIZED (SELECT a.model_id, a.type_key, t.rows FROM model_attributions a
      JOIN twice t USING (model_id, type_key) ORDER BY 1, 2 FOR UPDATE OF a)
    UPDATE model_attributions a SET interactions = interactions - l.rows FROM locked l
    WHERE a.model_id = l.model_id AND a.type_key = l.type_key`,

  /** As {@link moveRows}. What either has said no to stays so. */
  refusals: `WITH gone AS (DELETE FROM refusals WHERE catalog_id = ${CATALOG} AND user_key = $2 RETURNING *)
    INSERT INTO refusals AS own (catalog_id, user_key, training, personal)
      SELECT $1, $3::int, training, personal FROM gone
    ON CONFLICT (catalog_id, user_key) DO UPDATE SET training = own.training OR excluded.training,
      personal = own.personal OR excluded.personal`,

  /** As {@link moveRows}. What the user has none of is taken from the other one, if there is room for it. */
  attributes: `WITH gone AS (DELETE FROM user_attributes WHERE catalog_id = ${CATALOG} AND user_key = $2 RETURNING *)
    INSERT INTO user_attributes AS own (catalog_id, user_key, tags, metadata)
      SELECT $1, $3::int, tags, metadata FROM gone
    ON CONFLICT (catalog_id, user_key) DO UPDATE SET
      tags = CASE WHEN cardinality(own.tags) = 0 THEN excluded.tags ELSE own.tags END,
      metadata = CASE WHEN octet_length((excluded.metadata || own.metadata)::text) > ${LIMITS.metadataBytes} THEN own.metadata
        ELSE excluded.metadata || own.metadata END`,

  /** $2 the user whose rows are gone. */
  deleteUser: `DELETE FROM users WHERE catalog_id = ${CATALOG} AND user_key = $2`,
  /** $2 the user, $3 since when the other one was there. */
  keepOlder: `UPDATE users SET created_at = least(created_at, $3) WHERE catalog_id = ${CATALOG} AND user_key = $2`,
  countUser: 'UPDATE catalogs SET user_rows = user_rows - 1 WHERE id = $1',
  findUser: `SELECT user_key AS "userKey" FROM users WHERE catalog_id = ${CATALOG} AND external_id = $2`,
} as const;

/** What became of the rows of a user. */
export interface MovedUser {
  /** Interactions that are the other user's by now, late ones too. */
  readonly moved: number;
  /** Interactions that the other user had already. */
  readonly dropped: number;
  /** Of the user who is gone; 0 where the row was gone before. */
  readonly revision: number;
}

/**
 * Makes the rows of one user those of another one, and deletes the user, within a transaction that has locked
 * the catalog. Rows of every table that has a `user_key` are moved here.
 */
export async function moveUser(
  client: PoolClient,
  catalogId: string,
  { fromKey, intoKey }: { readonly fromKey: number; readonly intoKey: number },
): Promise<MovedUser> {
  const query = async <Row extends object>(sql: string, ...values: readonly unknown[]) =>
    (await client.query<Row>(sql, [catalogId, ...values])).rows;
  type Locked = { readonly revision: string; readonly createdAt: Date };
  const [user] = await query<Locked>(MOVE_STEPS.lockUser, fromKey);
  await query(MOVE_STEPS.lockItems, fromKey);
  let [gone, moved] = [0, 0];
  for (const sql of [MOVE_STEPS.interactions, MOVE_STEPS.lateInteractions]) {
    const [rows] = await query<{ gone: number; moved: number }>(sql, fromKey, intoKey);
    gone += rows!.gone;
    moved += rows!.moved;
  }
  for (const sql of [MOVE_STEPS.attributions, MOVE_STEPS.refusals, MOVE_STEPS.attributes])
    await query(sql, fromKey, intoKey);
  if (user) {
    await query(MOVE_STEPS.deleteUser, fromKey);
    await query(MOVE_STEPS.countUser);
    await query(MOVE_STEPS.keepOlder, intoKey, user.createdAt);
  }
  return { moved, dropped: gone - moved, revision: Number(user?.revision ?? 0) };
}

/** The key of a user of whom it is known that the id is not a merged one. */
export async function findOrAddUser(client: PoolClient, catalogId: string, userId: string): Promise<number> {
  const { rows } = await client.query<{ userKey: number }>(MOVE_STEPS.findUser, [catalogId, userId]);
  if (rows[0]) return rows[0].userKey;
  const added = await client.query<{ first: number }>(KEYED_STEPS.addUsers, [catalogId, [userId]]);
  return added.rows[0]!.first;
}

/** A user whom a merge did not see, or whose rows. */
export interface Unmoved {
  readonly fromKey: number;
  readonly intoId: string;
}

/** Moves what an import has stored of users who were merged meanwhile. @returns how many rows are dropped */
export async function moveUsers(
  client: PoolClient,
  catalogId: string,
  users: readonly Unmoved[],
): Promise<number> {
  let dropped = 0;
  for (const { fromKey, intoId } of users) {
    const intoKey = await findOrAddUser(client, catalogId, intoId);
    dropped += (await moveUser(client, catalogId, { fromKey, intoKey })).dropped;
  }
  return dropped;
}
