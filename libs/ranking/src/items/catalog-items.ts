import type { ItemsRepository } from '#data';
import { Sequence, type ServedItem } from '#domain';

/** All items of one catalog in memory: external id ↔ key, and whether an item may be answered. */
export class CatalogItems {
  readonly #byKey: (ServedItem | undefined)[] = [];
  readonly #keyOfId = new Map<string, number>();
  readonly #openings: (string | undefined)[] = [];
  #revision = 0;
  readonly #refreshes = new Sequence();

  constructor(
    private readonly items: ItemsRepository,
    private readonly catalogId: string,
  ) {}

  /** Grows with every change; caches derived from the items are valid for one revision. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Takes in what changed since the last time; calls follow one another, so this sees all
   * that was committed before.
   */
  refresh(): Promise<void> {
    return this.#refreshes.run(() => this.#load());
  }

  /** Every key is below this. */
  get numKeys(): number {
    return this.#byKey.length;
  }

  findByKey(itemKey: number): ServedItem | undefined {
    return this.#byKey[itemKey];
  }

  findKey(itemId: string): number | undefined {
    return this.#keyOfId.get(itemId);
  }

  /** How lists begin an item with its title in JSON: all that comes before its score. */
  openingOf({ itemKey, itemId, title }: ServedItem): string {
    return (this.#openings[itemKey] ??=
      `{"itemId":${JSON.stringify(itemId)},${title === null ? '' : `"title":${JSON.stringify(title)},`}"score":`);
  }

  isAvailable(itemKey: number): boolean {
    return this.#byKey[itemKey]?.available ?? false;
  }

  /** Keys of available items, in the order in which they came. */
  *availableKeys(): Generator<number> {
    for (const item of this.#byKey) if (item?.available) yield item.itemKey;
  }

  async #load(): Promise<void> {
    const { revision, changed } = await this.items.findServedSince(this.catalogId, this.#revision);
    for (const { deleted, ...item } of changed) {
      this.#byKey[item.itemKey] = deleted ? undefined : item;
      this.#openings[item.itemKey] = undefined;
      if (deleted) this.#keyOfId.delete(item.itemId);
      else this.#keyOfId.set(item.itemId, item.itemKey);
    }
    this.#revision = revision;
  }
}
