import { Injectable } from '@nestjs/common';
import type { ServingCatalog } from '../../serving/catalogs/serving-catalogs.js';
import { Boosts } from './boost/boosts.js';
import type { ListRequest, PersonalRequest } from '../http/dto/list-options.dto.js';
import { ItemFilters } from './filter/item-filters.js';
import type { ListOptions } from '../ranking/ranked-list.js';

/** Turns what a request says of its list into keys, bitmaps and closures. */
@Injectable()
export class ListRequests {
  constructor(
    private readonly filters: ItemFilters,
    private readonly boosts: Boosts,
  ) {}

  /** @throws DomainError `database-unavailable` when a filter or boost needs what only the database has */
  async resolve(
    catalog: ServingCatalog,
    { k, minScore, exclude, filter, ...personal }: ListRequest & Partial<PersonalRequest>,
  ): Promise<ListOptions> {
    const { explain = false, boost, diversity, pins = {} } = personal;
    return {
      k,
      minScore,
      explain,
      diversity,
      exclude: this.toKeys(catalog, exclude),
      pins: Object.entries(pins).flatMap(([itemId, position]) =>
        this.toKeys(catalog, [itemId]).map((itemKey) => ({ itemKey, position })),
      ),
      filter: filter && (await this.filters.resolve(catalog, filter)),
      boost: boost && (await this.boosts.resolve(catalog, boost)),
    };
  }

  /** Keys of the ids that the catalog knows. */
  toKeys(catalog: ServingCatalog, itemIds: readonly string[]): number[] {
    return itemIds.flatMap((itemId) => catalog.items.findKey(itemId) ?? []);
  }
}
