import { Injectable } from '@nestjs/common';
import {
  type ActiveModel,
  COLUMN_CACHE_BYTES,
  ItemColumns,
  mostModelBytes,
  mostNewItemsBytes,
  NewItemCatalogs,
  type ServingCatalog,
} from '#ranking';
import { ChosenModels } from '../serving/models/chosen-models.js';
import type { UsageEntry } from './dto/usage.dto.js';
import { UserUsages } from './user-usage.js';

/** Memory of the process that answers. */
@Injectable()
export class ProcessUsages {
  constructor(
    private readonly columns: ItemColumns,
    private readonly newItems: NewItemCatalogs,
    private readonly chosen: ChosenModels,
    private readonly users: UserUsages,
  ) {}

  /** The part of a catalog, and the whole process. */
  measure(catalog: ServingCatalog): UsageEntry[] {
    const entry = { store: 'process', scope: 'catalog', measured: null, count: null } as const;
    const { rss, heapUsed, external } = process.memoryUsage();
    return [
      { ...entry, kind: 'item-side', ...itemSide(catalog) },
      {
        ...entry,
        kind: 'filter-columns',
        bytes: this.columns.sizeBytes(catalog.id),
        atMostBytes: COLUMN_CACHE_BYTES,
      },
      ...this.#ofNewItems(catalog).map((own) => ({ ...entry, ...own })),
      ...this.#ofChosen(catalog).map((own) => ({ ...entry, ...own })),
      ...this.users.measure(catalog.id).map((own) => ({ ...entry, ...own })),
      { ...entry, scope: 'service', kind: 'resident', bytes: rss, atMostBytes: null },
      { ...entry, scope: 'service', kind: 'heap', bytes: heapUsed, atMostBytes: null },
      { ...entry, scope: 'service', kind: 'outside-heap', bytes: external, atMostBytes: null },
    ];
  }

  /** Beside the active model, and beside those that calls name. */
  #ofNewItems({ active, id, items }: ServingCatalog) {
    const sizes = [active, ...this.chosen.loaded(id)].map((model) => this.newItems.sizeBytes(model));
    const taken = sizes.filter((bytes) => bytes > 0);
    if (taken.length === 0) return [];
    const bytes = taken.reduce((sum, size) => sum + size);
    return [{ kind: 'new-items', bytes, atMostBytes: taken.length * mostNewItemsBytes(items.numKeys) }];
  }

  #ofChosen({ id, items }: ServingCatalog) {
    const models = this.chosen.loaded(id);
    if (models.length === 0) return [];
    return [{ kind: 'chosen-models', count: models.length, ...bytesOf(models, items.numKeys) }];
  }
}

function itemSide({ active, items }: ServingCatalog): Pick<UsageEntry, 'count' | 'bytes' | 'atMostBytes'> {
  if (!active) return { count: 0, bytes: 0, atMostBytes: 0 };
  return { count: 1, ...bytesOf([active], items.numKeys) };
}

/** Arrays beside the artifact are measured; the artifact itself counts as it is stored. */
function bytesOf(models: readonly ActiveModel[], numKeys: number): Pick<UsageEntry, 'bytes' | 'atMostBytes'> {
  const sum = (sizeOf: (active: ActiveModel) => number) =>
    models.reduce((total, active) => total + sizeOf(active), 0);
  return {
    bytes: sum(({ model, sizeBytes }) => model.artifactBytes + sizeBytes),
    atMostBytes: sum(({ model }) => mostModelBytes(model, numKeys)),
  };
}
