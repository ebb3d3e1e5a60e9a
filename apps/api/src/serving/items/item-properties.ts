import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { ItemPropertiesRepository } from '#data';
import type { ItemProperties as Properties, ServedItem } from '#domain';

const CACHE_BYTES = 64 * 1024 * 1024;
/** What an entry costs beside its text. */
const ENTRY_BYTES = 512;

/** Tags and metadata of items, those asked for lately in memory. */
@Injectable()
export class ItemProperties {
  /** By the item as it is served: every change makes a new one, which is not found here. */
  readonly #cache = new LRUCache<ServedItem, Properties>({
    maxSize: CACHE_BYTES,
    sizeCalculation: (properties) => ENTRY_BYTES + 2 * JSON.stringify(properties).length,
  });

  constructor(private readonly repository: ItemPropertiesRepository) {}

  /** In the order of `items`. @throws DomainError `database-unavailable` */
  async find(catalogId: string, items: readonly ServedItem[]): Promise<Properties[]> {
    const found = new Map(items.map((item) => [item, this.#cache.get(item)]));
    const missing = items.filter((item) => !found.get(item));
    if (missing.length > 0) await this.#load(catalogId, missing, found);
    return items.map((item) => found.get(item) ?? { tags: [], metadata: {} });
  }

  async #load(
    catalogId: string,
    items: readonly ServedItem[],
    found: Map<ServedItem, Properties | undefined>,
  ): Promise<void> {
    const loaded = await this.repository.load(
      catalogId,
      items.map(({ itemKey }) => itemKey),
    );
    for (const item of items) {
      const properties = loaded.get(item.itemKey);
      if (!properties) continue;
      this.#cache.set(item, properties);
      found.set(item, properties);
    }
  }
}
