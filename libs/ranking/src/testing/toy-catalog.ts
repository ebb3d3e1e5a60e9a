import fc from 'fast-check';
import type { ItemPropertiesRepository, ItemsRepository } from '#data';
import type { ItemColumnName, ItemColumnRow, JsonObject, JsonValue, Model } from '#domain';
import { CsrMatrix, fitPopularity, modelKind, type Recommender, type SparseVector } from '#models';
import type { ServingCatalog } from '../catalog.js';
import type { KeyedHistory } from '../histories/cached-history.js';
import { CatalogItems } from '../items/catalog-items.js';
import { ItemColumns } from '../items/item-columns.js';
import { ActiveModel } from '../models/active-model.js';
import { NewItemCatalogs } from '../new-items/new-item-catalogs.js';

export interface ToyItem {
  readonly tags: readonly string[];
  readonly metadata: JsonObject;
  readonly available: boolean;
  readonly ageDays: number;
}

export const NOW = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

/** A catalog as it is served, over items in memory instead of a database. */
export class ToyCatalog {
  readonly items: ToyItem[] = [];
  readonly #revisions: number[] = [];
  readonly columns = new ItemColumns(this as unknown as ItemPropertiesRepository);
  readonly #catalogItems = new CatalogItems(this as unknown as ItemsRepository, 'toy');
  readonly newItems = new NewItemCatalogs(this.columns);
  catalog: ServingCatalog = { id: 'toy', items: this.#catalogItems, active: null };
  #revision = 0;
  /** Rows of columns that were read so far. */
  rowsRead = 0;

  static async of(items: readonly ToyItem[]): Promise<ToyCatalog> {
    const toy = new ToyCatalog();
    for (const [itemKey, item] of items.entries()) toy.put(itemKey, item);
    await toy.#catalogItems.refresh();
    return toy;
  }

  put(itemKey: number, item: ToyItem): void {
    this.items[itemKey] = item;
    this.#revisions[itemKey] = ++this.#revision;
  }

  async refresh(): Promise<void> {
    await this.#catalogItems.refresh();
  }

  /** Trains on a matrix whose columns are the items of `itemKeys`. */
  async train(matrix: CsrMatrix, itemKeys: Int32Array): Promise<Recommender> {
    const { recommender } = await modelKind('ease').fit(matrix, EASE, { seed: 1 });
    const served = { kind: 'ease', itemKeys, recommender, popularity: await fitPopularity(matrix, 1) };
    this.catalog = { ...this.catalog, active: new ActiveModel({ id: 'm' } as Model, served) };
    return recommender;
  }

  /** As it is served with the new items of its model. */
  withNewItems(): Promise<ServingCatalog> {
    return this.newItems.asItIsNow(this.catalog);
  }

  findServedSince(_catalogId: string, revision: number) {
    const changed = this.items.flatMap(({ available }, itemKey) =>
      this.#revisions[itemKey]! > revision
        ? [{ itemKey, itemId: `item-${itemKey}`, title: null, available, deleted: false }]
        : [],
    );
    return Promise.resolve({ revision: this.#revision, changed });
  }

  findColumnPage(
    _catalogId: string,
    column: ItemColumnName,
    after: { revision: number },
    limit: number,
  ): Promise<ItemColumnRow[]> {
    const rows = this.items
      .map((item, itemKey) => ({
        itemKey,
        revision: this.#revisions[itemKey]!,
        value: columnValue(item, column),
      }))
      .filter(({ revision }) => revision > after.revision)
      .sort((a, b) => a.revision - b.revision)
      .slice(0, limit);
    this.rowsRead += rows.length;
    return Promise.resolve(rows);
  }
}

const EASE = modelKind('ease').parameters.parse({ regularization: 1, storage: 'f32' });

function columnValue(item: ToyItem, column: ItemColumnName): JsonValue {
  if (column === 'tags') return item.tags;
  if (column === 'createdAt') return NOW - item.ageDays * DAY_MS;
  return item.metadata[column.slice('metadata.'.length)] ?? null;
}

const year = fc.oneof(
  fc.integer({ min: 1990, max: 1995 }),
  fc.constantFrom<JsonValue>('1992', 'old', true, null, [1991, 'old'], [], { deep: 1 }),
);

export const toyItem: fc.Arbitrary<ToyItem> = fc.record({
  tags: fc.subarray(['a', 'b', 'c']),
  metadata: fc.oneof(fc.record({ year }), fc.constant({})),
  available: fc.boolean().map((isHidden) => !isHidden),
  ageDays: fc.nat(6),
});

export interface ToyService {
  readonly items: readonly ToyItem[];
  readonly matrix: CsrMatrix;
  /** Of the model's columns, in any order; the other items are new to it. */
  readonly itemKeys: Int32Array;
  readonly history: KeyedHistory;
}

/** Catalogs of any small size with a model that knows some of their items, and someone with a history. */
export const toyServices: fc.Arbitrary<ToyService> = fc
  .array(toyItem, { minLength: 1, maxLength: 40 })
  .chain((items) => {
    const keys = [...items.keys()];
    return fc
      .record({ known: fc.shuffledSubarray(keys, { minLength: 1 }), past: fc.subarray(keys) })
      .chain(({ known, past }) =>
        fc.uniqueArray(fc.nat(8 * known.length - 1), { maxLength: 4 * known.length }).map((cells) => ({
          items,
          itemKeys: Int32Array.from(known),
          history: { itemKeys: Int32Array.from(past), values: new Float32Array(past.length).fill(1) },
          matrix: CsrMatrix.fromCoo({
            numRows: 8,
            numCols: known.length,
            rows: cells.map((cell) => Math.floor(cell / known.length)),
            cols: cells.map((cell) => cell % known.length),
          }),
        })),
      );
  });

/** Where an item stands among those of equal score: those of the model in its order, then others by key. */
export function placeOf({ itemKeys }: ToyService, itemKey: number): number {
  const index = itemKeys.indexOf(itemKey);
  return index < 0 ? itemKeys.length + itemKey : index;
}

/** The part of a history that the model knows. */
export function historyOf(toy: ToyCatalog, { history }: ToyService): SparseVector {
  return toy.catalog.active!.toHistory(history.itemKeys, history.values);
}
