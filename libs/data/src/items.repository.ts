import { DomainError, type Item, type ItemDetails, type JsonObject, type ServedItem } from '@app/domain';
import { bumpCacheEpoch, notify } from './catalog-change.js';
import { catalogNotFound } from './catalogs.repository.js';
import type { Database, Transaction } from './database.js';
import type { BeforeCommit } from './interactions.repository.js';
import { toPage, type Page } from './paging.js';

interface ItemRow {
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

export class ItemsRepository {
  constructor(private readonly database: Database) {}

  async put(
    catalogId: string,
    details: ItemDetails,
  ): Promise<{ readonly item: Item; readonly created: boolean }> {
    const { created } = await this.putMany(catalogId, [details]);
    return { item: await this.load(catalogId, details.itemId), created: created === 1 };
  }

  /** Stores all or none; of an id that comes twice the last one counts. */
  async putMany(
    catalogId: string,
    details: readonly ItemDetails[],
  ): Promise<{ readonly created: number; readonly updated: number }> {
    const distinct = [...new Map(details.map((item) => [item.itemId, item])).values()];
    return this.database.transaction(async (transaction) => {
      const revision = await lockForItemChange(transaction, catalogId);
      const known = await transaction.item.findMany({
        where: { catalogId, externalId: { in: distinct.map((item) => item.itemId) } },
        select: { externalId: true, deletedAt: true },
      });
      const alive = known.filter((row) => row.deletedAt === null).length;
      await addKeys(
        transaction,
        catalogId,
        distinct.filter((item) => !known.some((row) => row.externalId === item.itemId)),
      );
      await updateDetails(transaction, catalogId, distinct, revision);
      await notify(transaction, { kind: 'items-changed', catalogId, revision });
      return { created: distinct.length - alive, updated: alive };
    });
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

  async findPage(catalogId: string, cursor: string | null, limit: number): Promise<Page<Item>> {
    const rows = await this.database.run((prisma) =>
      prisma.item.findMany({
        where: { catalogId, deletedAt: null, ...(cursor !== null && { itemKey: { gt: Number(cursor) } }) },
        orderBy: { itemKey: 'asc' },
        take: limit + 1,
      }),
    );
    return toPage(rows.map(toItem), limit, (item) => String(item.itemKey));
  }

  /** Deletes an item with its interactions. @throws DomainError `item-not-found` */
  async delete(catalogId: string, itemId: string, beforeCommit?: BeforeCommit): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const revision = await lockForItemChange(transaction, catalogId);
      const rows = await transaction.item.updateManyAndReturn({
        where: { catalogId, externalId: itemId, deletedAt: null },
        data: { deletedAt: new Date(), title: null, tags: [], metadata: {}, revision: BigInt(revision) },
      });
      const item = rows[0];
      if (!item) throw itemNotFound(itemId);
      const changed = await forgetInteractions(transaction, catalogId, item.itemKey);
      if (changed.length > 0 && beforeCommit && !(await beforeCommit(changed)))
        await bumpCacheEpoch(transaction, catalogId);
      await notify(transaction, { kind: 'items-changed', catalogId, revision });
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

function itemNotFound(itemId: string): DomainError {
  return new DomainError('item-not-found', `There is no item "${itemId}"`);
}

/** Changes of a catalog's items follow one another. @returns their new revision */
async function lockForItemChange(transaction: Transaction, catalogId: string): Promise<number> {
  const rows = await transaction.catalog.updateManyAndReturn({
    where: { id: catalogId, deletedAt: null },
    data: { itemRevision: { increment: 1 } },
  });
  if (!rows[0]) throw catalogNotFound(catalogId);
  return Number(rows[0].itemRevision);
}

async function addKeys(
  transaction: Transaction,
  catalogId: string,
  fresh: readonly ItemDetails[],
): Promise<void> {
  if (fresh.length === 0) return;
  const { nextItemKey } = await transaction.catalog.update({
    where: { id: catalogId },
    data: { nextItemKey: { increment: fresh.length } },
  });
  const first = nextItemKey - fresh.length;
  await transaction.item.createMany({
    data: fresh.map((item, offset) => ({ catalogId, itemKey: first + offset, externalId: item.itemId })),
  });
}

/** One statement for all items: rows come as one JSON array. */
async function updateDetails(
  transaction: Transaction,
  catalogId: string,
  items: readonly ItemDetails[],
  revision: number,
): Promise<void> {
  await transaction.$executeRaw`
    UPDATE items SET title = d.title, tags = d.tags, metadata = d.metadata, available = d.available,
      revision = ${revision}::bigint, deleted_at = NULL, updated_at = now()
    FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb)
      AS d("itemId" text, title text, tags text[], metadata jsonb, available boolean)
    WHERE catalog_id = ${catalogId} AND external_id = d."itemId"`;
}

async function forgetInteractions(transaction: Transaction, catalogId: string, itemKey: number) {
  const rows = await transaction.$queryRaw<{ external_id: string; user_key: number; revision: bigint }[]>`
    WITH gone AS (DELETE FROM interactions WHERE catalog_id = ${catalogId} AND item_key = ${itemKey} RETURNING user_key)
    UPDATE users SET revision = revision + 1
    WHERE catalog_id = ${catalogId} AND user_key IN (SELECT user_key FROM gone)
    RETURNING external_id, user_key, revision`;
  return rows.map((row) => ({
    userId: row.external_id,
    userKey: row.user_key,
    revision: Number(row.revision),
  }));
}

function toItem(row: ItemRow): Item {
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
