import type { PoolClient } from 'pg';
import type { ItemDetails } from '#domain';
import {
  changeUsers,
  publish,
  raiseCacheEpoch,
  raiseRevisions,
  tellUsers,
} from '../changes/changed-users.js';
import type { BeforeCommit } from '../changes/changed-users.js';
import { LIMIT_LOCK_WAIT } from '../connection/conflicts.js';
import { catalogNotFound } from './catalogs.repository.js';

const BEGIN = `UPDATE catalogs SET item_revision = item_revision + 1 WHERE id = $1 AND deleted_at IS NULL
  RETURNING item_revision`;
const FIND = `SELECT item_key, external_id, deleted_at IS NOT NULL AS deleted FROM items
  WHERE catalog_id = $1 AND external_id = ANY($2) ORDER BY item_key`;
/**
 * Waits for the batches that hold one of the items: after it all of them find an item deleted, or
 * all find it there.
 */
const LOCK =
  'SELECT 1 FROM items WHERE catalog_id = $1 AND item_key = ANY($2::int[]) ORDER BY item_key FOR UPDATE';

const ADD = `WITH counted AS (UPDATE catalogs SET next_item_key = next_item_key + cardinality($2::text[]), item_rows = item_rows + cardinality($2::text[]) WHERE id = $1
    RETURNING next_item_key - cardinality($2::text[]) AS first)
  INSERT INTO items (catalog_id, item_key, external_id, tags)
  SELECT $1, first + place - 1, external_id, '{}' FROM counted, unnest($2::text[]) WITH ORDINALITY AS fresh (external_id, place)`;
/** One statement for all items: $2 is a JSON array of them. */
const UPDATE = `UPDATE items SET title = d.title, tags = d.tags, metadata = d.metadata, available = d.available,
    revision = $3, deleted_at = NULL, updated_at = greatest(updated_at, now())
  FROM jsonb_to_recordset($2::jsonb) AS d("itemId" text, title text, tags text[], metadata jsonb, available boolean)
  WHERE catalog_id = $1 AND external_id = d."itemId"`;
const DELETE = `UPDATE items SET deleted_at = now(), title = NULL, tags = '{}', metadata = '{}', revision = $3
  WHERE catalog_id = $1 AND item_key = $2`;

const COUNT_DELETED = 'UPDATE catalogs SET deleted_items = deleted_items + $2 WHERE id = $1';

const FORGET_INTERACTIONS = raiseRevisions(
  'SELECT user_key FROM gone',
  'gone AS (DELETE FROM interactions WHERE catalog_id = $1 AND item_key = $2 RETURNING user_key)',
);
export const BRING_BACK_INTERACTIONS = raiseRevisions(
  'SELECT user_key FROM back',
  `late AS (DELETE FROM late_interactions WHERE catalog_id = $1 AND item_key = ANY($2::int[]) RETURNING *),
    back AS (INSERT INTO interactions (catalog_id, user_key, item_key, type_key, occurred_at, weight)
      SELECT catalog_id, user_key, item_key, type_key, occurred_at, weight FROM late
      ORDER BY user_key, item_key, type_key, occurred_at ON CONFLICT DO NOTHING RETURNING user_key)`,
);

interface KnownItem {
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
  async put(items: readonly ItemDetails[]): Promise<{ readonly created: number; readonly updated: number }> {
    const details = [...new Map(items.map((item) => [item.itemId, item])).values()];
    const stored = await this.#find(details.map(({ itemId }) => itemId));
    const storedIds = new Set(stored.map(({ external_id }) => external_id));
    const deleted = stored.filter((item) => item.deleted).map(({ item_key }) => item_key);
    if (deleted.length > 0) await this.#query(LOCK, deleted);
    const fresh = details.map(({ itemId }) => itemId).filter((itemId) => !storedIds.has(itemId));
    if (fresh.length > 0) await this.#query(ADD, fresh);
    await this.#query(UPDATE, JSON.stringify(details), this.revision);
    if (deleted.length > 0) {
      await this.#query(COUNT_DELETED, -deleted.length);
      await this.#changeUsers(BRING_BACK_INTERACTIONS, deleted);
    }
    await this.#publish();
    const updated = stored.length - deleted.length;
    return { created: details.length - updated, updated };
  }

  /** @returns false when there is no such item */
  async delete(itemId: string): Promise<boolean> {
    const [item] = await this.#find([itemId]);
    if (!item || item.deleted) return false;
    await this.#query(LOCK, [item.item_key]);
    await this.#query(DELETE, item.item_key, this.revision);
    await this.#query(COUNT_DELETED, 1);
    await this.#changeUsers(FORGET_INTERACTIONS, item.item_key);
    await this.#publish();
    return true;
  }

  async #find(itemIds: readonly string[]): Promise<KnownItem[]> {
    return (await this.client.query<KnownItem>(FIND, [this.catalogId, itemIds])).rows;
  }

  async #changeUsers(sql: string, items: number | readonly number[]): Promise<void> {
    const changed = await changeUsers(this.client, sql, [this.catalogId, items]);
    if (!(await tellUsers(changed, this.beforeCommit))) await raiseCacheEpoch(this.client, this.catalogId);
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
