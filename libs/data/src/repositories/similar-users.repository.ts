import type { Database } from '../connection/database.js';
import { heavyQuery } from '../connection/heavy-query.js';
import { idOfUser } from '../people/merged-ids.sql.js';
import { CATALOG } from '../sql/catalog.sql.js';
import { FIND_PAIR_RULES, pairValues, type PairRules } from '../sql/pair-values.sql.js';
import { hasRefused } from '../sql/refusals.sql.js';

export interface SimilarUser {
  readonly userId: string;
  /** Cosine of the two rows of X, above 0. */
  readonly score: number;
  /** Items that both have. */
  readonly sharedItems: number;
}

/** Why nobody was looked for. */
export type NobodyReason = 'unknown-user' | 'no-consent';

const FIND_USER = `SELECT user_key AS "userKey", ${hasRefused('personal', 'users.user_key')} AS "isRefused" FROM users
  WHERE catalog_id = ${CATALOG} AND external_id = ${idOfUser('$2')}`;
const TIMEOUT_MS = 3_000;

/** $1 catalog, $2 user, $3 how many. */
function nearest(rules: PairRules): string {
  const mine = pairValues(`n.catalog_id = ${CATALOG} AND n.user_key = $2`, rules);
  const theirs = pairValues(
    `n.catalog_id = ${CATALOG} AND n.user_key IN (SELECT user_key FROM others)`,
    rules,
  );
  return `WITH mine AS MATERIALIZED (SELECT item_key, value::float8 FROM (${mine}) pairs WHERE value > 0),
    others AS MATERIALIZED (SELECT user_key FROM (SELECT DISTINCT n.user_key FROM interactions n
        WHERE n.catalog_id = ${CATALOG} AND n.user_key <> $2 AND n.item_key IN (SELECT item_key FROM mine)) o
      WHERE NOT ${hasRefused('personal', 'o.user_key')}),
    theirs AS (SELECT user_key, item_key, value::float8 FROM (${theirs}) pairs WHERE value > 0),
    scored AS (SELECT t.user_key, count(m.item_key)::int AS shared_items,
        sum(t.value * m.value) / sqrt(sum(t.value * t.value) * (SELECT sum(value * value) FROM mine)) AS score
      FROM theirs t LEFT JOIN mine m USING (item_key) GROUP BY t.user_key)
  SELECT u.external_id, s.score::real AS score, s.shared_items FROM scored s
    JOIN users u ON u.catalog_id = ${CATALOG} AND u.user_key = s.user_key
  WHERE s.shared_items > 0 ORDER BY s.score::real DESC, s.user_key LIMIT $3`;
}

export class SimilarUsersRepository {
  constructor(private readonly database: Database) {}

  /**
   * The users v of largest cosine Σ_i x_ui·x_vi / (‖x_u‖·‖x_v‖) among all who share an item with u and
   * allow personal lists; ties to who came first.
   *
   * @returns why not, where nobody is looked for
   * @throws DomainError `database-unavailable`, also when it takes longer than 3 s
   */
  async findNearest(catalogId: string, userId: string, k: number): Promise<SimilarUser[] | NobodyReason> {
    const { rows: users } = await this.database.run(() =>
      this.database.pool.query<{ userKey: number; isRefused: boolean }>(FIND_USER, [catalogId, userId]),
    );
    const [user] = users;
    if (!user) return 'unknown-user';
    if (user.isRefused) return 'no-consent';
    const { rows: rules } = await this.database.run(() =>
      this.database.pool.query<PairRules>(FIND_PAIR_RULES, [catalogId]),
    );
    const rows = await heavyQuery<{ external_id: string; score: number; shared_items: number }>(
      this.database,
      { sql: nearest(rules[0]!), values: [catalogId, user.userKey, k], timeoutMs: TIMEOUT_MS },
    );
    return rows.map(({ external_id, score, shared_items }) => ({
      userId: external_id,
      score,
      sharedItems: shared_items,
    }));
  }
}
