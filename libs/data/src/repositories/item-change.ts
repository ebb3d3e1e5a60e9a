import type { PoolClient } from 'pg';
import type { ImportedItem } from '#domain';
import {
  changeUsers,
  publish,
  raiseCacheEpoch,
  raiseRevisions,
  tellUsers,
} from '../changes/changed-users.js';
import type { BeforeCommit } from '../changes/changed-users.js';
import { LIMIT_LOCK_WAIT } from '../connection/conflicts.js';
import { CATALOG } from '../sql/catalog.sql.js';
import { catalogNotFound } from './catalogs.repository.js';

/** What became of items that were put. */
export interface PutItems {
  readonly created: number;
  readonly updated: number;
}

const BEGIN = `UPDATE catalogs SET item_revision = item_revision + 1 WHERE id = $1 AND deleted_at IS NULL
  RETURNING item_revision`;
const FIND = `SELECT item_key, external_id, deleted_at IS NOT NULL AS deleted FROM items
  WHERE catalog_id = ${CATALOG} AND external_id = ANY($2) ORDER BY item_key`;
/**
 * Waits for the batches that hold one of the items: after it all of them find an item deleted, or
 * all find it there.
 */
const LOCK = `SELECT 1 FROM items WHERE catalog_id = ${CATALOG} AND item_key = ANY($2::int[]) ORDER BY item_key FOR UPDATE`;

const ADD = `WITH counted AS (UPDATE catalogs SET next_item_key = next_item_key + cardinality($2::text[]), item_rows = item_rows + cardinality($2::text[]) WHERE id = $1
    RETURNING next_item_key - cardinality($2::text[]) AS first)
  INSERT INTO items (catalog_id, item_key, external_id, tags)
  SELECT $1, first + place - 1, external_id, '{}' FROM counted, unnest($2::text[]) WITH ORDINALITY AS fresh (external_id, place)`;
/** One statement for all items: $2 is a JSON array of them. */
const UPDATE = `UPDATE items SET title = d.title, tags = d.tags, metadata = d.metadata, available = d.available,
    created_at = coalesce(d."createdAt", created_at), revision = $3, deleted_at = d."deletedAt",
    updated_at = greatest(updated_at, now(), d."createdAt")
  FROM jsonb_to_recordset($2::jsonb) AS d("itemId" text, title text, tags text[], metadata jsonb, available boolean,
    "createdAt" timestamptz, "deletedAt" timestamptz)
  WHERE catalog_id = ${CATALOG} AND external_id = d."itemId"`;
const DELETE = `UPDATE items SET deleted_at = now(), title = NULL, tags = '{}', metadata = '{}', revision = $3
  WHERE catalog_id = ${CATALOG} AND item_key = ANY($2::int[])`;

const COUNT_DELETED = 'UPDATE catalogs SET deleted_items = deleted_items + $2 WHERE id = $1';

/** $2 items that go with their interactions, $3 items that are back, whose late interactions count. */
export const MOVE_INTERACTIONS = raiseRevisions(
  'SELECT user_key FROM gone UNION SELECT user_key FROM back',
  `gone AS (DELETE FROM interactions WHERE catalog_id = ${CATALOG} AND item_key = ANY($2::int[]) RETURNING user_key),
    late AS (DELETE FROM late_interactions WHERE catalog_id = ${CATALOG} AND item_key = ANY($3::int[]) RETURNING *),
    back AS (INSERT INTO interactions (catalog_id, user_key, item_key, type_key, occurred_at, weight)
      SELECT catalog_id, user_key, item_key, type_key, occurred_at, weight FROM late
      ORDER BY user_key, item_key, type_key, occurred_at ON CONFLICT DO NOTHING RETURNING user_key)`,
);

/** What became of items that an import puts. */
export interface PutImportedItems extends PutItems {
  /** Those that are deleted. */
  readonly deleted: number;
}

interface StoredItem {
  readonly item_key: number;
  readonly external_id: string;
  readonly deleted: boolean;
}

/**
 * A change of a catalog's items within a transaction: these follow one another, since each locks the catalog.
 */
export class ItemChange {
  private constructor(
    private readonly client: PoolClient,
    private readonly catalogId: string,
    private readonly revision: number,
    private readonly beforeCommit: BeforeCommit | undefined,
  ) {}

  /** @throws DomainError `catalog-not-found` */
  static async begin(
    client: PoolClient,
    catalogId: string,
    beforeCommit?: BeforeCommit,
  ): Promise<ItemChange> {
    const { rows } = await client.query<{ item_revision: string }>(BEGIN, [catalogId]);
    if (!rows[0]) throw catalogNotFound(catalogId);
    await client.query(LIMIT_LOCK_WAIT);
    return new ItemChange(client, catalogId, Number(rows[0].item_revision), beforeCommit);
  }

  /** Of an id that comes twice the last one counts. */
  async put(items: readonly ImportedItem[]): Promise<PutImportedItems> {
    const details = [...new Map(items.map((item) => [item.itemId, item])).values()];
    const deleted = new Set(details.filter((item) => item.deletedAt).map(({ itemId }) => itemId));
    const stored = await this.#find(details.map(({ itemId }) => itemId));
    const keysOf = (some: readonly StoredItem[]) => some.map(({ item_key }) => item_key);
    const gone = keysOf(stored.filter((item) => !item.deleted && deleted.has(item.external_id)));
    const back = keysOf(stored.filter((item) => item.deleted && !deleted.has(item.external_id)));
    if (gone.length + back.length > 0) await this.#query(LOCK, [...gone, ...back]);
    const storedIds = new Set(stored.map(({ external_id }) => external_id));
    const fresh = details.map(({ itemId }) => itemId).filter((itemId) => !storedIds.has(itemId));
    if (fresh.length > 0) await this.#query(ADD, fresh);
    await this.#query(UPDATE, JSON.stringify(details), this.revision);
    await this.#move(gone, back);
    const goneFresh = fresh.filter((itemId) => deleted.has(itemId)).length;
    await this.#countDeleted(gone.length + goneFresh - back.length);
    await this.#publish();
    const created = fresh.length - goneFresh + back.length;
    return { created, updated: details.length - created - deleted.size, deleted: deleted.size };
  }

  /** @returns how many there were */
  async deleteAll(itemIds: readonly string[]): Promise<number> {
    const stored = await this.#find(itemIds);
    const gone = stored.filter(({ deleted }) => !deleted).map(({ item_key }) => item_key);
    if (gone.length === 0) return 0;
    await this.#query(LOCK, gone);
    await this.#query(DELETE, gone, this.revision);
    await this.#move(gone, []);
    await this.#countDeleted(gone.length);
    await this.#publish();
    return gone.length;
  }

  async #find(itemIds: readonly string[]): Promise<StoredItem[]> {
    return (await this.client.query<StoredItem>(FIND, [this.catalogId, itemIds])).rows;
  }

  async #move(gone: readonly number[], back: readonly number[]): Promise<void> {
    if (gone.length + back.length === 0) return;
    const changed = await changeUsers(this.client, MOVE_INTERACTIONS, [this.catalogId, gone, back]);
    if (!(await tellUsers(changed, this.beforeCommit))) await raiseCacheEpoch(this.client, this.catalogId);
  }

  async #countDeleted(more: number): Promise<void> {
    if (more !== 0) await this.#query(COUNT_DELETED, more);
  }

  async #publish(): Promise<void> {
    await publish(this.client, {
      kind: 'items-changed',
      catalogId: this.catalogId,
      revision: this.revision,
    });
  }

  async #query(sql: string, ...values: readonly unknown[]): Promise<void> {
    await this.client.query(sql, [this.catalogId, ...values]);
  }
}
