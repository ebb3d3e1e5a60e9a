import type { PoolClient } from 'pg';
import {
  DomainError,
  etagOfItem,
  fitsMetadata,
  METADATA_RULE,
  isMatch,
  isSameItem,
  patchItem,
  type Item,
  type ItemDetails,
  type ItemPatch,
  type OnInvalid,
} from '#domain';
import type { ItemChange } from '../repositories/item-change.js';
import { lockItems } from './item-rows.js';

/** One row of a batch that changes items that are there. */
interface CorrectedItem {
  readonly itemId: string;
  /** As the header of the name; absent: whichever state it has. */
  readonly ifMatch?: string | undefined;
}

export interface PatchedItem extends CorrectedItem {
  readonly patch: ItemPatch;
}

export type DeletedItem = CorrectedItem;

/** What a row is refused for. */
const REFUSALS = {
  'unknown-items': { field: 'itemId', reason: 'there is no such item, or it was deleted' },
  'validation-failed': { field: 'metadata', reason: METADATA_RULE },
  'precondition-failed': { field: 'ifMatch', reason: 'the item has another state' },
} as const;
type Refusal = keyof typeof REFUSALS;

const DETAILS: Readonly<Record<Refusal, string>> = {
  'unknown-items': 'rows name items that the catalog does not have',
  'validation-failed': 'rows leave an item with too much metadata',
  'precondition-failed': 'rows name another state than the item has',
};

/** What became of one row. */
export type CorrectedRow =
  | { readonly result: 'patched' | 'unchanged'; readonly item: Item }
  | { readonly result: 'deleted' }
  | { readonly result: 'refused'; readonly refusal: Refusal; readonly reason: string };

export interface CorrectionOptions {
  readonly onInvalid: OnInvalid;
}

/**
 * Batches that change or delete items that are there, each row as if it were called alone after those before
 * it; `ifMatch` is of the state before the batch.
 */
export class ItemCorrections {
  constructor(
    private readonly client: PoolClient,
    private readonly catalogId: string,
    private readonly change: ItemChange,
  ) {}

  /** @throws DomainError what a row is refused for, unless such rows are skipped */
  async patch(rows: readonly PatchedItem[], options: CorrectionOptions): Promise<CorrectedRow[]> {
    const stored = await this.#lock(rows);
    const current = new Map<string, ItemDetails>(stored);
    const results = rows.map(({ itemId, ifMatch, patch }): CorrectedRow => {
      const [item, before] = [stored.get(itemId), current.get(itemId)];
      if (!item || !before) return refused('unknown-items');
      if (ifMatch !== undefined && !isMatch(ifMatch, etagOfItem(item))) return refused('precondition-failed');
      const patched = patchItem(before, patch);
      if (!fitsMetadata(patched.metadata)) return refused('validation-failed');
      if (isSameItem(before, patched)) return { result: 'unchanged', item };
      current.set(itemId, patched);
      return { result: 'patched', item };
    });
    refuseAny(results, options);
    const changed = [...current.values()].filter((item) => !isSameItem(item, stored.get(item.itemId)!));
    if (changed.length === 0) return results;
    await this.change.put(changed);
    const now = await this.#lock(changed);
    return results.map((row) =>
      'item' in row ? { ...row, item: now.get(row.item.itemId) ?? row.item } : row,
    );
  }

  /** @throws DomainError what a row is refused for, unless such rows are skipped */
  async delete(rows: readonly DeletedItem[], options: CorrectionOptions): Promise<CorrectedRow[]> {
    const stored = await this.#lock(rows);
    const gone = new Set<string>();
    const results = rows.map(({ itemId, ifMatch }): CorrectedRow => {
      const item = stored.get(itemId);
      if (!item || gone.has(itemId)) return refused('unknown-items');
      if (ifMatch !== undefined && !isMatch(ifMatch, etagOfItem(item))) return refused('precondition-failed');
      gone.add(itemId);
      return { result: 'deleted' };
    });
    refuseAny(results, options);
    await this.change.deleteAll([...gone]);
    return results;
  }

  #lock(rows: readonly { readonly itemId: string }[]): Promise<Map<string, Item>> {
    return lockItems(
      this.client,
      this.catalogId,
      rows.map(({ itemId }) => itemId),
    );
  }
}

function refused(refusal: Refusal): CorrectedRow {
  return { result: 'refused', refusal, reason: REFUSALS[refusal].reason };
}

/** @throws DomainError for rows that are refused, by the first reason that any has */
function refuseAny(results: readonly CorrectedRow[], { onInvalid }: CorrectionOptions): void {
  if (onInvalid === 'skip') return;
  for (const code of Object.keys(REFUSALS) as Refusal[]) {
    const { field, reason } = REFUSALS[code];
    const errors = results.flatMap((row, place) =>
      row.result === 'refused' && row.refusal === code
        ? [{ pointer: `#/items/${place}/${field}`, detail: reason }]
        : [],
    );
    if (errors.length === 0) continue;
    const extensions = code === 'unknown-items' ? { refused: errors.length } : {};
    throw new DomainError(code, `${errors.length} ${DETAILS[code]}`, { errors, extensions });
  }
}
