import { SingleFlight, TurnTaking } from '#domain';
import { tagScale } from '#models';
import { asItIsNow, type ServingCatalog } from '../catalog.js';
import type { CatalogItems } from '../items/catalog-items.js';
import type { ItemColumn } from '../items/item-column.js';
import { ItemColumns } from '../items/item-columns.js';
import type { ActiveModel } from '../models/active-model.js';
import { NewItems } from './new-items.js';

/** More changes than this make all of it anew, since each of them moves long lists. */
const MOST_CHANGES = 1_000;
/** Items between two looks at the clock. */
const ITEMS_PER_STEP = 512;

interface CachedNewItems {
  /** All changes of items up to this one are taken in. */
  readonly revision: number;
  /** Null when the model has all items. */
  readonly newItems: NewItems | null;
}

/** Keeps the new items of each catalog's active model up with every change. */
export class NewItemCatalogs {
  readonly #cached = new WeakMap<ActiveModel, CachedNewItems>();
  readonly #refreshing = new SingleFlight<CachedNewItems>();

  constructor(private readonly columns: ItemColumns) {}

  /**
   * One model for the whole answer, with its new items as of now. @throws DomainError `database-unavailable`
   */
  async asItIsNow(catalog: ServingCatalog): Promise<ServingCatalog> {
    const now = asItIsNow(catalog);
    const { active, items } = now;
    if (!active || tagScale(active.served.kind) === 0) return now;
    const { revision } = items;
    let cached = this.#cached.get(active);
    if (!cached || cached.revision < revision) cached = await this.#refresh(now, active);
    // One that was under way may have looked before the last change.
    if (cached.revision < revision) cached = await this.#refresh(now, active);
    return { ...now, newItems: cached.newItems };
  }

  /** Memory beside an active model; 0 when it has all items, or nobody has asked since it became active. */
  sizeBytes(active: ActiveModel | null): number {
    return (active && this.#cached.get(active)?.newItems?.sizeBytes) ?? 0;
  }

  #refresh(catalog: ServingCatalog, active: ActiveModel): Promise<CachedNewItems> {
    return this.#refreshing.run(`${catalog.id} ${active.model.id}`, async () => {
      const cached = await this.#read(catalog, active);
      this.#cached.set(active, cached);
      return cached;
    });
  }

  async #read(catalog: ServingCatalog, active: ActiveModel): Promise<CachedNewItems> {
    const { revision } = catalog.items;
    if (!hasNew(catalog.items, active)) return { revision, newItems: null };
    const column = await this.columns.get(catalog, 'tags');
    const { revision: taken } = column;
    const newItems = this.#cached.get(active)?.newItems;
    const changed = newItems && (await changedItems(newItems, column));
    if (!newItems || !changed) return { revision: taken, newItems: await readAll(column, active) };
    for (const itemKey of changed) newItems.take(itemKey, column.value(itemKey));
    return { revision: taken, newItems };
  }
}

function hasNew(items: CatalogItems, active: ActiveModel): boolean {
  for (let itemKey = items.numKeys - 1; itemKey >= 0; itemKey--)
    if (active.indexOf(itemKey) < 0 && items.isAvailable(itemKey)) return true;
  return false;
}

/** @returns null when there are too many */
async function changedItems(newItems: NewItems, column: ItemColumn): Promise<number[] | null> {
  const changed: number[] = [];
  const turns = new TurnTaking();
  for (let itemKey = 0; itemKey < column.numKeys; itemKey++) {
    if (itemKey % ITEMS_PER_STEP === 0) await turns.pause();
    if (!newItems.has(itemKey, column.value(itemKey))) changed.push(itemKey);
    if (changed.length > MOST_CHANGES) return null;
  }
  return changed;
}

async function readAll(column: ItemColumn, active: ActiveModel): Promise<NewItems> {
  const newItems = new NewItems(active);
  const turns = new TurnTaking();
  let numTaken = 0;
  for (const itemKey of inOrder(column, active)) {
    if (numTaken++ % ITEMS_PER_STEP === 0) await turns.pause();
    newItems.take(itemKey, column.value(itemKey));
  }
  return newItems;
}

/**
 * All keys, in the order in which lists are only appended to: those of a tag have indices of the model,
 * those of a group have keys.
 */
function* inOrder({ numKeys }: ItemColumn, active: ActiveModel): Generator<number> {
  for (const itemKey of active.served.itemKeys) if (itemKey < numKeys) yield itemKey;
  for (let itemKey = 0; itemKey < numKeys; itemKey++) if (active.indexOf(itemKey) < 0) yield itemKey;
}
