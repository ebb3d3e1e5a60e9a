import { Injectable } from '@nestjs/common';
import { CacheCounts } from '#domain';
import { ItemColumns, NewItemCatalogs } from '#ranking';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import { PopularItems } from '../serving/items/popular-items.js';
import { ArtifactCache } from '../serving/models/artifact-cache.js';
import { ChosenModels } from '../serving/models/chosen-models.js';
import { CachedLists } from '../serving/users/cached-lists.js';
import { ShownItems } from '../serving/users/shown-items.js';
import { UserHistories } from '../serving/users/user-histories.js';

/** What this process caches, of all catalogs together. */
@Injectable()
export class Caches {
  constructor(
    private readonly catalogs: ServingCatalogs,
    private readonly columns: ItemColumns,
    private readonly popular: PopularItems,
    private readonly artifacts: ArtifactCache,
    private readonly newItems: NewItemCatalogs,
    private readonly chosen: ChosenModels,
    private readonly lists: CachedLists,
    private readonly shown: ShownItems,
    private readonly users: UserHistories,
  ) {}

  get counts(): Readonly<Record<string, CacheCounts>> {
    const { process, redis } = this.users.counts;
    return {
      'users-in-process': process,
      'users-in-redis': redis,
      'best-items': this.#bestItems(),
      pages: this.lists.counts,
      'filter-columns': this.columns.counts,
      'popular-counts': this.popular.counts,
      'models-in-redis': this.artifacts.counts,
    };
  }

  /** In bytes. */
  get sizes(): Readonly<Record<string, number>> {
    return {
      ...this.#ofModels(),
      'chosen-models': this.chosen.sizeBytes,
      'filter-columns': this.columns.totalBytes,
      users: this.users.sizeBytes,
      'cached-lists': this.lists.sizeBytes,
      'shown-items': this.shown.sizeBytes,
      'popular-counts': this.popular.sizeBytes,
    };
  }

  #bestItems(): CacheCounts {
    const sum = new CacheCounts();
    for (const { bestItems } of this.catalogs.countsByKind.values()) {
      sum.hits += bestItems.hits;
      sum.misses += bestItems.misses;
    }
    return sum;
  }

  #ofModels() {
    const sum = { 'item-side': 0, 'new-items': 0 };
    for (const { active } of this.catalogs.loaded) {
      if (active) sum['item-side'] += active.model.artifactBytes + active.sizeBytes;
      sum['new-items'] += this.newItems.sizeBytes(active);
    }
    return sum;
  }
}
