import type { PoolClient } from 'pg';
import { DomainError, type Item, type JsonObject } from '#domain';
import { CATALOG } from '../sql/catalog.sql.js';

export interface ItemRow {
  readonly itemKey: number;
  readonly externalId: string;
  readonly title: string | null;
  readonly tags: string[];
  readonly metadata: unknown;
  readonly available: boolean;
  readonly revision: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const ITEM_COLUMNS = `item_key AS "itemKey", external_id AS "externalId", title, tags, metadata, available, revision,
    created_at AS "createdAt", updated_at AS "updatedAt"`;
/** $2 ids. */
export const LOAD_ITEMS = `SELECT ${ITEM_COLUMNS} FROM items
  WHERE catalog_id = ${CATALOG} AND external_id = ANY ($2) AND deleted_at IS NULL ORDER BY item_key`;

/**
 * Items that are there, by their ids, as they stay until the transaction changes them or ends: an import may
 * be changing them, too, which locks the catalog only at its end.
 */
export async function lockItems(
  client: PoolClient,
  catalogId: string,
  itemIds: readonly string[],
): Promise<Map<string, Item>> {
  const { rows } = await client.query<ItemRow>(`${LOAD_ITEMS} FOR NO KEY UPDATE`, [catalogId, itemIds]);
  return new Map(rows.map((row) => [row.externalId, toItem(row)]));
}

export function itemNotFound(itemId: string): DomainError {
  return new DomainError('item-not-found', `There is no item "${itemId}"`);
}

export function toItem(row: ItemRow): Item {
  const { itemKey, externalId, title, tags, metadata, available, revision, createdAt, updatedAt } = row;
  return {
    itemKey,
    itemId: externalId,
    title,
    tags,
    metadata: metadata as JsonObject,
    available,
    revision: Number(revision),
    createdAt,
    updatedAt,
  };
}
