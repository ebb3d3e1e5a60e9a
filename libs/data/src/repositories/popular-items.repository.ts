import type { Database } from '../connection/database.js';
import { heavyQuery } from '../connection/heavy-query.js';
import { CATALOG } from '../sql/catalog.sql.js';
import { hasRefused } from '../sql/refusals.sql.js';

/** Which interactions count, and how much. */
export interface PopularityWindow {
  /** null = since ever. */
  readonly from: Date | null;
  readonly to: Date;
  /** null = all count in full. */
  readonly halfLifeDays: number | null;
  /** Names of interaction types; null = all positive ones. */
  readonly types: readonly string[] | null;
  /** Only users with this tag who allow personal lists; null = all. */
  readonly userTag: string | null;
}

/** Items with interactions in a window: best first, ties to the lower key. */
export interface CountedItems {
  readonly itemKeys: Int32Array;
  readonly scores: Float32Array;
}

const TIMEOUT_MS = 10_000;
/**
 * 2⁻⁶⁰ is the least that a user counts: PostgreSQL refuses powers that underflow,
 * and quotients that overflow.
 */
const MOST_HALF_LIVES = 60;

/** $1 the catalog. */
const groupOf = (tag: string) => `n.user_key IN (SELECT user_key FROM user_attributes a
  WHERE a.catalog_id = ${CATALOG} AND a.tags @> ARRAY[${tag}]::text[] AND NOT ${hasRefused('personal', 'a.user_key')})`;

/**
 * $1 catalog, $2 end, $3 types or null, $4 half-life or null, then the begin and the tag of users where there
 * are any.
 */
function countSql(hasBegin: boolean, hasTag: boolean): string {
  const group = hasTag ? `AND ${groupOf(hasBegin ? '$6' : '$5')}` : '';
  const days = `extract(epoch FROM $2::timestamptz - max(n.occurred_at))::float8 / 86400`;
  const age = `least(${days}, ${MOST_HALF_LIVES} * $4::float8) / $4::float8`;
  return `SELECT item_key, sum(part)::real AS score FROM (
      SELECT n.item_key, power(0.5::float8, coalesce(${age}, 0)) AS part FROM interactions n
      WHERE n.catalog_id = $1 AND n.occurred_at <= $2 ${hasBegin ? 'AND n.occurred_at > $5' : ''} ${group}
        AND n.type_key = ANY (ARRAY(SELECT type_key FROM interaction_types t WHERE t.catalog_id = $1
          AND CASE WHEN $3::text[] IS NULL THEN t.positive ELSE t.name = ANY ($3) END))
      GROUP BY n.item_key, n.user_key) parts
    GROUP BY item_key ORDER BY score DESC, item_key`;
}

/** Popularity straight from the interactions. */
export class PopularItemsRepository {
  constructor(private readonly database: Database) {}

  /**
   * score_i = Σ_u 2^(−(to − t_ui) / halfLife) over the users u who have item i in the window, t_ui the newest
   * of their interactions with it there; without a half-life the number of these users.
   *
   * @throws DomainError `database-unavailable`, also when it takes longer than 10 s
   */
  async count(catalogId: string, window: PopularityWindow): Promise<CountedItems> {
    const { from, to, halfLifeDays, types, userTag } = window;
    const given = [from, userTag].filter((value) => value !== null);
    const rows = await heavyQuery<{ item_key: number; score: number }>(this.database, {
      sql: countSql(from !== null, userTag !== null),
      values: [catalogId, to, types, halfLifeDays, ...given],
      timeoutMs: TIMEOUT_MS,
    });
    return {
      itemKeys: Int32Array.from(rows, ({ item_key }) => item_key),
      scores: Float32Array.from(rows, ({ score }) => score),
    };
  }
}
