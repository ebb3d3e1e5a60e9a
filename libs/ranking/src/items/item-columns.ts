import { LRUCache } from 'lru-cache';
import type { ItemPropertiesRepository } from '#data';
import { CacheCounts, type ItemColumnName, Sequence, SingleFlight } from '#domain';
import type { ServingCatalog } from '../catalog.js';
import { ItemColumn } from './item-column.js';

/** Memory of all columns of all catalogs together. */
export const COLUMN_CACHE_BYTES = 128 * 1024 * 1024;
/** Taken in at once, so that it holds up nothing else. */
const PAGE_ROWS = 5_000;

/** Columns of item properties, each read at its first use and kept up with every change since. */
export class ItemColumns {
  readonly counts = new CacheCounts();
  readonly #columns = new LRUCache<string, ItemColumn>({
    maxSize: COLUMN_CACHE_BYTES,
    sizeCalculation: ({ sizeBytes }) => sizeBytes,
  });
  readonly #refreshing = new SingleFlight<ItemColumn>();
  /** Whole columns are read one by one: requests for many of them leave the database to the others. */
  readonly #firstReads = new Sequence();

  constructor(private readonly properties: ItemPropertiesRepository) {}

  /** At least as new as the catalog's items. @throws DomainError `database-unavailable` */
  async get({ id, items }: ServingCatalog, name: ItemColumnName): Promise<ItemColumn> {
    const key = JSON.stringify([id, name]);
    const { revision } = items;
    const cached = this.#columns.get(key);
    const isFresh = cached !== undefined && cached.revision >= revision;
    this.counts.note(isFresh);
    if (isFresh) return cached;
    const column = await this.#refreshing.run(key, () => this.#refresh(key, id, name));
    // One that was under way may have looked before the last change.
    return column.revision >= revision
      ? column
      : this.#refreshing.run(key, () => this.#refresh(key, id, name));
  }

  /** Memory of the columns of all catalogs. */
  get totalBytes(): number {
    return this.#columns.calculatedSize;
  }

  /** Memory of the columns of one catalog. */
  sizeBytes(catalogId: string): number {
    return this.#keysOf(catalogId).reduce((sum, key) => sum + (this.#columns.peek(key)?.sizeBytes ?? 0), 0);
  }

  /**
   * One that is being read meanwhile is brought up to date when it is next needed: revisions of a name go on.
   */
  forget(catalogId: string): void {
    for (const key of this.#keysOf(catalogId)) this.#columns.delete(key);
  }

  #keysOf(catalogId: string): string[] {
    return [...this.#columns.keys()].filter((key) => (JSON.parse(key) as unknown[])[0] === catalogId);
  }

  async #refresh(key: string, catalogId: string, name: ItemColumnName): Promise<ItemColumn> {
    const cached = this.#columns.get(key);
    const column = cached ?? new ItemColumn();
    const read = () => this.#readOn(column, catalogId, name);
    await (cached ? read() : this.#firstReads.run(read));
    this.#columns.set(key, column);
    return column;
  }

  async #readOn(column: ItemColumn, catalogId: string, name: ItemColumnName): Promise<void> {
    for (let isLast = false; !isLast;) {
      const rows = await this.properties.findColumnPage(catalogId, name, column.place, PAGE_ROWS);
      isLast = rows.length < PAGE_ROWS;
      column.apply(rows, isLast);
    }
  }
}
