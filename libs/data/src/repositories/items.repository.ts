import type { PoolClient } from 'pg';
import { DomainError, type Item, type ItemDetails, type JsonObject, type ServedItem } from '#domain';
import type { BeforeCommit } from '../changes/changed-users.js';
import type { Database } from '../connection/database.js';
import type { KeyedWrite } from '../connection/keyed-write.js';
import { toPage, type Page } from '../sql/paging.js';
import { ItemChange, type PutItems } from './item-change.js';

export interface ItemRow {
  readonly itemKey: number;
  readonly externalId: string;
  readonly title: string | null;
  readonly tags: string[];
  readonly metadata: unknown;
  readonly available: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

interface ServedRow {
  readonly item_key: number;
  readonly external_id: string;
  readonly title: string | null;
  readonly available: boolean;
  readonly deleted: boolean;
  readonly revision: string;
}

export const ITEM_COLUMNS = `item_key AS "itemKey", external_id AS "externalId", title, tags, metadata, available,
    created_at AS "createdAt", updated_at AS "updatedAt"`;
const LOAD_ITEM = `SELECT ${ITEM_COLUMNS} FROM items WHERE catalog_id = $1 AND external_id = $2`;

export class ItemsRepository {
  constructor(private readonly database: Database) {}

  async put(
    catalogId: string,
    details: ItemDetails,
    beforeCommit?: BeforeCommit,
  ): Promise<{ readonly item: Item; readonly created: boolean }> {
    return this.database.sqlTransaction(async (client) => {
      const change = await ItemChange.begin(client, catalogId, beforeCommit);
      const { created } = await change.put([details]);
      // Read here, since after the commit it may be deleted again.
      const { rows } = await client.query<ItemRow>(LOAD_ITEM, [catalogId, details.itemId]);
      return { item: toItem(rows[0]!), created: created === 1 };
    });
  }

  /**
   * Stores all or none; of an id that comes twice the last one counts. A deleted item comes back under its
   * key, with the interactions that came while it was away.
   */
  async putMany(
    catalogId: string,
    details: readonly ItemDetails[],
    beforeCommit?: BeforeCommit,
    keyed?: KeyedWrite<PutItems>,
  ): Promise<PutItems> {
    const put = async (client: PoolClient) => {
      const change = await ItemChange.begin(client, catalogId, beforeCommit);
      const { created, updated } = await change.put(details);
      return { created, updated };
    };
    return this.database.sqlTransaction(put, '', keyed);
  }

  /** @throws DomainError `item-not-found` */
  async load(catalogId: string, itemId: string): Promise<Item> {
    const row = await this.database.run((prisma) =>
      prisma.item.findUnique({
        where: { catalogId_externalId: { catalogId, externalId: itemId }, deletedAt: null },
      }),
    );
    if (!row) throw itemNotFound(itemId);
    return toItem(row);
  }

  async findPage(catalogId: string, after: string | null, limit: number): Promise<Page<Item>> {
    const rows = await this.database.run((prisma) =>
      prisma.item.findMany({
        where: { catalogId, deletedAt: null, ...(after !== null && { itemKey: { gt: Number(after) } }) },
        orderBy: { itemKey: 'asc' },
        take: limit + 1,
      }),
    );
    return toPage(rows.map(toItem), limit, (item) => String(item.itemKey));
  }

  /** Deletes an item with the interactions that it has. @throws DomainError `item-not-found` */
  async delete(catalogId: string, itemId: string, beforeCommit?: BeforeCommit): Promise<void> {
    await this.database.sqlTransaction(async (client) => {
      const change = await ItemChange.begin(client, catalogId, beforeCommit);
      if (!(await change.delete(itemId))) throw itemNotFound(itemId);
    });
  }

  /** Items changed after `revision`, deleted ones included; 0 answers all. */
  async findServedSince(
    catalogId: string,
    revision: number,
  ): Promise<{
    readonly revision: number;
    readonly changed: (ServedItem & { readonly deleted: boolean })[];
  }> {
    const { rows } = await this.database.run(() =>
      this.database.pool.query<ServedRow>(
        `SELECT item_key, external_id, title, available, deleted_at IS NOT NULL AS deleted, revision FROM items
         WHERE catalog_id = $1 AND revision > $2 ORDER BY item_key`,
        [catalogId, revision],
      ),
    );
    const changed = rows.map((row) => ({
      itemKey: row.item_key,
      itemId: row.external_id,
      title: row.title,
      available: row.available,
      deleted: row.deleted,
    }));
    return { revision: rows.reduce((max, row) => Math.max(max, Number(row.revision)), revision), changed };
  }
}

export function itemNotFound(itemId: string): DomainError {
  return new DomainError('item-not-found', `There is no item "${itemId}"`);
}

export function toItem(row: ItemRow): Item {
  const { itemKey, externalId, title, tags, metadata, available, createdAt, updatedAt } = row;
  return {
    itemKey,
    itemId: externalId,
    title,
    tags,
    metadata: metadata as JsonObject,
    available,
    createdAt,
    updatedAt,
  };
}
