import type { PoolClient } from 'pg';
import {
  DomainError,
  etagOfItem,
  preconditionFailed,
  requireMatch,
  type Item,
  type ItemDetails,
  type ItemPatch,
  type ServedItem,
} from '#domain';
import type { BeforeCommit } from '../changes/changed-users.js';
import type { Database } from '../connection/database.js';
import type { IdempotentWrite } from '../connection/idempotent-write.js';
import {
  ItemCorrections,
  type CorrectedRow,
  type CorrectionOptions,
  type DeletedItem,
  type PatchedItem,
} from '../items/item-corrections.js';
import {
  ITEM_COLUMNS,
  itemNotFound,
  LOAD_ITEMS,
  lockItems,
  toItem,
  type ItemRow,
} from '../items/item-rows.js';
import { CATALOG } from '../sql/catalog.sql.js';
import { toPage, type Page } from '../sql/paging.js';
import { ItemChange, type PutItems } from './item-change.js';

/** $2 the key before the first, $3 how many. */
const FIND_PAGE = `SELECT ${ITEM_COLUMNS} FROM items
  WHERE catalog_id = ${CATALOG} AND deleted_at IS NULL AND item_key > $2 ORDER BY item_key LIMIT $3`;

interface ServedRow {
  readonly item_key: number;
  readonly external_id: string;
  readonly title: string | null;
  readonly available: boolean;
  readonly deleted: boolean;
  readonly revision: string;
}

export interface ChangeOptions<Result = never> {
  readonly beforeCommit?: BeforeCommit | undefined;
  /** The header: the state that the item has to have. */
  readonly ifMatch?: string | undefined;
  readonly idempotent?: IdempotentWrite<Result> | undefined;
}

type BatchOptions = CorrectionOptions & Omit<ChangeOptions<readonly CorrectedRow[]>, 'ifMatch'>;

export class ItemsRepository {
  constructor(private readonly database: Database) {}

  /** @throws DomainError `precondition-failed` */
  async put(
    catalogId: string,
    details: ItemDetails,
    { beforeCommit, ifMatch }: ChangeOptions = {},
  ): Promise<{ readonly item: Item; readonly created: boolean }> {
    return this.database.sqlTransaction(async (client) => {
      const change = await ItemChange.begin(client, catalogId, beforeCommit);
      const load = async () => (await lockItems(client, catalogId, [details.itemId])).get(details.itemId);
      if (ifMatch !== undefined) requireItemMatch(ifMatch, await load());
      const { created } = await change.put([details]);
      // Read here, since after the commit it may be deleted again.
      return { item: (await load())!, created: created === 1 };
    });
  }

  /**
   * Changes what a merge patch names.
   *
   * @throws DomainError `item-not-found`, `precondition-failed`, `validation-failed` where the metadata
   * would become too large
   */
  async patch(
    catalogId: string,
    itemId: string,
    patch: ItemPatch,
    { beforeCommit, ifMatch, idempotent }: ChangeOptions<Item> = {},
  ): Promise<Item> {
    const change = async (client: PoolClient) => {
      const begun = await ItemChange.begin(client, catalogId, beforeCommit);
      const corrections = new ItemCorrections(client, catalogId, begun);
      const [row] = await corrections.patch([{ itemId, patch, ifMatch }], { onInvalid: 'skip' });
      if (row && 'item' in row) return row.item;
      throw refusalOf(itemId, row);
    };
    return this.database.sqlTransaction(change, '', idempotent);
  }

  /** Rows of merge patches. Stores all, or none unless refused ones are skipped. */
  async patchMany(
    catalogId: string,
    rows: readonly PatchedItem[],
    options: BatchOptions,
  ): Promise<CorrectedRow[]> {
    return this.#correct(catalogId, options, (corrections) => corrections.patch(rows, options));
  }

  /** Deletes items with their interactions: all, or none unless refused ones are skipped. */
  async deleteMany(
    catalogId: string,
    rows: readonly DeletedItem[],
    options: BatchOptions,
  ): Promise<CorrectedRow[]> {
    return this.#correct(catalogId, options, (corrections) => corrections.delete(rows, options));
  }

  #correct(
    catalogId: string,
    { beforeCommit, idempotent }: BatchOptions,
    work: (corrections: ItemCorrections) => Promise<CorrectedRow[]>,
  ): Promise<CorrectedRow[]> {
    const change = async (client: PoolClient) => {
      const begun = await ItemChange.begin(client, catalogId, beforeCommit);
      return work(new ItemCorrections(client, catalogId, begun));
    };
    return this.database.sqlTransaction(change, '', idempotent);
  }

  /**
   * Stores all or none; of an id that comes twice the last one counts. A deleted item comes back under its
   * key, with the interactions that came while it was away.
   */
  async putMany(
    catalogId: string,
    details: readonly ItemDetails[],
    beforeCommit?: BeforeCommit,
    idempotent?: IdempotentWrite<PutItems>,
  ): Promise<PutItems> {
    const put = async (client: PoolClient) => {
      const change = await ItemChange.begin(client, catalogId, beforeCommit);
      const { created, updated } = await change.put(details);
      return { created, updated };
    };
    return this.database.sqlTransaction(put, '', idempotent);
  }

  /** @throws DomainError `item-not-found` */
  async load(catalogId: string, itemId: string): Promise<Item> {
    const { rows } = await this.database.run(() =>
      this.database.pool.query<ItemRow>(LOAD_ITEMS, [catalogId, [itemId]]),
    );
    if (!rows[0]) throw itemNotFound(itemId);
    return toItem(rows[0]);
  }

  async findPage(catalogId: string, after: string | null, limit: number): Promise<Page<Item>> {
    const { rows } = await this.database.run(() =>
      this.database.pool.query<ItemRow>(FIND_PAGE, [catalogId, Number(after ?? -1), limit + 1]),
    );
    return toPage(rows.map(toItem), limit, (item) => String(item.itemKey));
  }

  /**
   * Deletes an item with the interactions that it has.
   *
   * @throws DomainError `item-not-found`, `precondition-failed`
   */
  async delete(
    catalogId: string,
    itemId: string,
    { beforeCommit, ifMatch }: ChangeOptions = {},
  ): Promise<void> {
    await this.database.sqlTransaction(async (client) => {
      const change = await ItemChange.begin(client, catalogId, beforeCommit);
      const item = (await lockItems(client, catalogId, [itemId])).get(itemId);
      if (!item) throw itemNotFound(itemId);
      requireItemMatch(ifMatch, item);
      await change.deleteAll([itemId]);
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

/** @throws DomainError `precondition-failed`, also where there is no item */
function requireItemMatch(ifMatch: string | undefined, item: Item | undefined): void {
  requireMatch(ifMatch, item ? etagOfItem(item) : null, 'item');
}

/** Why a row that is called alone is refused. */
function refusalOf(itemId: string, row: CorrectedRow | undefined): DomainError {
  if (row?.result !== 'refused' || row.refusal === 'unknown-items') return itemNotFound(itemId);
  if (row.refusal === 'precondition-failed') return preconditionFailed('item');
  const errors = [{ pointer: '#/metadata', detail: row.reason }];
  return new DomainError('validation-failed', '1 field is invalid', { errors });
}
