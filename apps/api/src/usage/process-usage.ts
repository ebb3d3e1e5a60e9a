import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '@app/config';
import { COLUMN_CACHE_BYTES, ItemColumns } from '../serving/items/item-columns.js';
import { NewItemCatalogs } from '../serving/items/new-item-catalogs.js';
import { mostNewItemsBytes } from '../serving/items/new-items.js';
import type { ServingCatalog } from '../serving/serving-catalogs.js';
import { BYTES_PER_USER } from '../serving/users/held-users.js';
import { UserHistories } from '../serving/users/user-histories.js';
import type { UsageEntry } from './dto/usage.dto.js';

/** Memory of the process that answers. */
@Injectable()
export class ProcessUsages {
  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly columns: ItemColumns,
    private readonly histories: UserHistories,
    private readonly newItems: NewItemCatalogs,
  ) {}

  /** The part of a catalog, and the whole process. */
  measure(catalog: ServingCatalog): UsageEntry[] {
    const { count, bytes, measured } = this.histories.measure(catalog.id);
    const entry = { store: 'process', scope: 'catalog', measured: null, count: null } as const;
    const { rss, heapUsed, external } = process.memoryUsage();
    const { USER_CACHE_ENTRIES } = this.environment;
    const newItemBytes = this.newItems.sizeBytes(catalog.active);
    const mostNewBytes = mostNewItemsBytes(catalog.items.numKeys);
    const atMostBytes = USER_CACHE_ENTRIES * BYTES_PER_USER;
    return [
      { ...entry, kind: 'item-side', ...itemSide(catalog) },
      {
        ...entry,
        kind: 'filter-columns',
        bytes: this.columns.sizeBytes(catalog.id),
        atMostBytes: COLUMN_CACHE_BYTES,
      },
      ...(newItemBytes > 0
        ? [{ ...entry, kind: 'new-items', bytes: newItemBytes, atMostBytes: mostNewBytes }]
        : []),
      { ...entry, kind: 'users', count, bytes, measured, atMostBytes },
      { ...entry, scope: 'service', kind: 'resident', bytes: rss, atMostBytes: null },
      { ...entry, scope: 'service', kind: 'heap', bytes: heapUsed, atMostBytes: null },
      { ...entry, scope: 'service', kind: 'outside-heap', bytes: external, atMostBytes: null },
    ];
  }
}

/**
 * Arrays beside the artifact are measured; the artifact itself counts as it is stored. Most grows what is stored in halves, which become
 * floats twice.
 */
function itemSide({ active, items }: ServingCatalog): Pick<UsageEntry, 'count' | 'bytes' | 'atMostBytes'> {
  if (!active) return { count: 0, bytes: 0, atMostBytes: 0 };
  const { artifactBytes, numItems } = active.model;
  const arrays = 4 * (items.numKeys + numItems + numItems) + numItems;
  return {
    count: 1,
    bytes: artifactBytes + active.sizeBytes,
    atMostBytes: 5 * artifactBytes + arrays,
  };
}
