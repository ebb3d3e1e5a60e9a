import type { InteractionFilter, StoredInteraction } from '#domain';
import type { Database } from '../connection/database.js';
import { heavyQuery } from '../connection/heavy-query.js';
import { itemNotFound } from '../items/item-rows.js';
import { CATALOG } from '../sql/catalog.sql.js';
import { isoTime } from '../sql/iso-time.sql.js';
import { toPage, type Page } from '../sql/paging.js';
import { idOfUser } from './merged-ids.sql.js';
import { userNotFound } from './users.repository.js';

const TIMEOUT_MS = 3_000;

/** Where a page begins: after this interaction, the newest first. */
type Position = readonly [occurredAt: string, otherKey: number, typeKey: number];
const BEFORE_ALL: Position = ['infinity', 0, 0];

interface Row extends StoredInteraction {
  /** Of the item where the list is of a user, and of the user where it is of an item. */
  readonly otherKey: number;
  readonly typeKey: number;
}

export interface InteractionPage {
  readonly filter: Omit<InteractionFilter, 'itemIds'>;
  /** Position of the page before. */
  readonly after: string | null;
  readonly limit: number;
}

/**
 * $1 catalog, $2 key of whose list it is, $3 types or null, $4 and $5 times, $6 to $8 position, $9 rows.
 */
const TYPES = `SELECT type_key, name FROM interaction_types WHERE catalog_id = ${CATALOG} AND ($3::text[] IS NULL OR name = ANY($3))`;
const IN_TIME = `n.occurred_at >= coalesce($4::timestamptz, '-infinity') AND n.occurred_at < coalesce($5::timestamptz, 'infinity')`;

/** The weight is looked up one by one: a join reads all interactions of a user for each row of the page. */
const ANSWER = `SELECT u.external_id AS "userId", i.external_id AS "itemId", t.name AS type, n.weight,
    ${isoTime('page.occurred_at')} AS "occurredAt", page.type_key AS "typeKey"`;
const JOIN_ALL = `CROSS JOIN LATERAL (SELECT weight FROM interactions
      WHERE catalog_id = ${CATALOG} AND user_key = page.user_key AND item_key = page.item_key AND type_key = page.type_key
        AND occurred_at = page.occurred_at LIMIT 1) n
    JOIN users u ON u.catalog_id = ${CATALOG} AND u.user_key = page.user_key
    JOIN items i ON i.catalog_id = ${CATALOG} AND i.item_key = page.item_key
    JOIN interaction_types t ON t.catalog_id = ${CATALOG} AND t.type_key = page.type_key`;

/** Sorts all interactions of the user, whose keys an index has. */
const OF_USER = `WITH page AS (SELECT n.user_key, n.item_key, n.type_key, n.occurred_at FROM interactions n
    WHERE n.catalog_id = ${CATALOG} AND n.user_key = $2 AND n.type_key IN (SELECT type_key FROM (${TYPES}) t) AND ${IN_TIME}
      AND (n.occurred_at, n.item_key, n.type_key) < ($6::timestamptz, $7::int, $8::smallint)
    ORDER BY n.occurred_at DESC, n.item_key DESC, n.type_key DESC LIMIT $9)
  ${ANSWER}, page.item_key AS "otherKey" FROM page ${JOIN_ALL}
  ORDER BY page.occurred_at DESC, page.item_key DESC, page.type_key DESC`;

/** Reads a page of each type, in the order of the index, however many interactions the item has. */
const OF_ITEM = `WITH page AS (SELECT n.* FROM (${TYPES}) t CROSS JOIN LATERAL (
      SELECT n.user_key, n.item_key, n.type_key, n.occurred_at FROM interactions n
      WHERE n.item_key = $2 AND n.catalog_id = ${CATALOG} AND n.type_key = t.type_key AND ${IN_TIME}
        AND (n.occurred_at, n.user_key) <= ($6::timestamptz, $7::int)
        AND (n.occurred_at, n.user_key, n.type_key) < ($6::timestamptz, $7::int, $8::smallint)
      ORDER BY n.occurred_at DESC, n.user_key DESC LIMIT $9) n
    ORDER BY n.occurred_at DESC, n.user_key DESC, n.type_key DESC LIMIT $9)
  ${ANSWER}, page.user_key AS "otherKey" FROM page ${JOIN_ALL}
  ORDER BY page.occurred_at DESC, page.user_key DESC, page.type_key DESC`;

const FIND_USER = `SELECT user_key AS key FROM users WHERE catalog_id = ${CATALOG} AND external_id = ${idOfUser('$2')}`;
const FIND_ITEM = `SELECT item_key AS key FROM items
  WHERE catalog_id = ${CATALOG} AND external_id = $2 AND deleted_at IS NULL`;

/** Interactions as they are stored, the newest first; late ones are not among them. */
export class StoredInteractionsRepository {
  constructor(private readonly database: Database) {}

  /** @throws DomainError `user-not-found`; `database-unavailable` also when sorting takes longer than 3 s */
  async findOfUser(
    catalogId: string,
    userId: string,
    page: InteractionPage,
  ): Promise<Page<StoredInteraction>> {
    const userKey = await this.#findKey(FIND_USER, catalogId, userId);
    if (userKey === null) throw userNotFound(userId);
    return this.#findPage(OF_USER, [catalogId, userKey], page);
  }

  /** @throws DomainError `item-not-found`, `database-unavailable` */
  async findOfItem(
    catalogId: string,
    itemId: string,
    page: InteractionPage,
  ): Promise<Page<StoredInteraction>> {
    const itemKey = await this.#findKey(FIND_ITEM, catalogId, itemId);
    if (itemKey === null) throw itemNotFound(itemId);
    return this.#findPage(OF_ITEM, [catalogId, itemKey], page);
  }

  async #findKey(sql: string, catalogId: string, id: string): Promise<number | null> {
    const { rows } = await this.database.run(() =>
      this.database.pool.query<{ key: number }>(sql, [catalogId, id]),
    );
    return rows[0]?.key ?? null;
  }

  async #findPage(
    sql: string,
    whose: readonly [catalogId: string, key: number],
    { filter, after, limit }: InteractionPage,
  ): Promise<Page<StoredInteraction>> {
    const { types = null, from = null, to = null } = filter;
    const position = after === null ? BEFORE_ALL : (JSON.parse(after) as Position);
    const values = [...whose, types, from, to, ...position, limit + 1];
    const rows = await heavyQuery<Row>(this.database, { sql, values, timeoutMs: TIMEOUT_MS });
    const { items, nextPosition } = toPage(rows, limit, ({ occurredAt, otherKey, typeKey }) =>
      JSON.stringify([occurredAt, otherKey, typeKey] satisfies Position),
    );
    return { items: items.map(({ otherKey: _, typeKey: __, ...row }) => row), nextPosition };
  }
}
