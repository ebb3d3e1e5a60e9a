import { DomainError, type StoredUser, type UserSummary } from '#domain';
import type { Database } from '../connection/database.js';
import { heavyQuery } from '../connection/heavy-query.js';
import { beginsWith } from '../search/text-prefix.js';
import { CATALOG } from '../sql/catalog.sql.js';
import { isoTime } from '../sql/iso-time.sql.js';
import { toPage, type Page } from '../sql/paging.js';
import { CONSENT } from '../sql/refusals.sql.js';
import { idOfUser } from './merged-ids.sql.js';

const ID = 'external_id COLLATE "C"';
/** $1 catalog, $2 what ids begin with, $3 the id before the first, $4 rows. */
const FIND_PAGE = `SELECT external_id AS "userId", created_at AS "createdAt" FROM users
  WHERE catalog_id = ${CATALOG} AND ${beginsWith(ID, '$2')} AND ${ID} > $3 ORDER BY ${ID} LIMIT $4`;

/** $1 catalog, $2 user. Reads all interactions of the user, from an index. */
const SUMMARIZE = `SELECT u.external_id AS "userId", u.created_at AS "createdAt", n.*, l.*, c.*,
    coalesce(a.tags, '{}') AS tags, coalesce(a.metadata, '{}') AS metadata
  FROM users u
  CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_object('type', t.name, 'count', c.count) ORDER BY t.name COLLATE "C"), '[]')
        AS interactions,
      ${isoTime('min(c.first)')} AS "firstOccurredAt", ${isoTime('max(c.last)')} AS "lastOccurredAt"
    FROM (SELECT type_key, count(*) AS count, min(occurred_at) AS first, max(occurred_at) AS last
        FROM interactions WHERE catalog_id = ${CATALOG} AND user_key = u.user_key GROUP BY type_key) c
      JOIN interaction_types t ON t.catalog_id = ${CATALOG} AND t.type_key = c.type_key) n
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS "lateInteractions" FROM late_interactions
    WHERE catalog_id = ${CATALOG} AND user_key = u.user_key) l
  CROSS JOIN LATERAL (
    SELECT json_build_object('training', "training", 'personal', "personal") AS consent
    FROM (SELECT ${CONSENT} FROM (VALUES (1)) one LEFT JOIN refusals r ON r.catalog_id = ${CATALOG} AND r.user_key = u.user_key) c) c
  LEFT JOIN user_attributes a ON a.catalog_id = ${CATALOG} AND a.user_key = u.user_key
  WHERE u.catalog_id = ${CATALOG} AND u.external_id = ${idOfUser('$2')}`;
const TIMEOUT_MS = 3_000;

export class UsersRepository {
  constructor(private readonly database: Database) {}

  /** Users whose id begins with `search`, by the bytes of their ids. @param after the id before the first */
  async findPage(
    catalogId: string,
    search: string,
    after: string | null,
    limit: number,
  ): Promise<Page<StoredUser>> {
    const { rows } = await this.database.run(() =>
      this.database.pool.query<StoredUser>(FIND_PAGE, [catalogId, search, after ?? '', limit + 1]),
    );
    return toPage(rows, limit, ({ userId }) => userId);
  }

  /**
   * @throws DomainError `user-not-found`; `database-unavailable` also when counting takes longer than 3 s
   */
  async summarize(catalogId: string, userId: string): Promise<UserSummary> {
    const [summary] = await heavyQuery<UserSummary>(this.database, {
      sql: SUMMARIZE,
      values: [catalogId, userId],
      timeoutMs: TIMEOUT_MS,
    });
    if (!summary) throw userNotFound(userId);
    return summary;
  }
}

export function userNotFound(userId: string): DomainError {
  return new DomainError('user-not-found', `Nothing is stored of a user "${userId}"`);
}
