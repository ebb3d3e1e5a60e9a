import type { ServingCatalog } from '../catalog.js';
import { Bitmap } from '../items/bitmap.js';
import type { ItemColumn } from '../items/item-column.js';
import { ItemColumns } from '../items/item-columns.js';
import { hasTag, isAged, meets } from './conditions.js';
import type { Filter, TagCondition } from './filter.schema.js';

/** Finds the items of a filter by bitmaps of its conditions. */
export class ItemFilters {
  constructor(private readonly columns: ItemColumns) {}

  /** Keys of the items for which every condition holds. @throws DomainError `database-unavailable` */
  async resolve(catalog: ServingCatalog, filter: Filter, now = Date.now()): Promise<Bitmap> {
    const { itemId, tags, ageDays, metadata } = filter;
    const names = [...metadata.keys()];
    const [tagColumn, ageColumn, ...columns] = await Promise.all([
      tags && this.columns.get(catalog, 'tags'),
      ageDays && this.columns.get(catalog, 'createdAt'),
      ...names.map((name) => this.columns.get(catalog, `metadata.${name}`)),
    ]);
    // From here on nothing waits, so no column changes.
    const found = itemId ? itemsOf(catalog, itemId.in) : Bitmap.all(catalog.items.numKeys);
    if (tags && tagColumn) narrowByTags(found, tagColumn, tags);
    if (ageDays && ageColumn) found.intersect(ageColumn.scan(isAged(ageDays, now)));
    names.forEach((name, position) => {
      const condition = metadata.get(name)!;
      found.intersect(columns[position]!.bitmap(JSON.stringify(condition), meets(condition)));
    });
    return found;
  }
}

/** Those of the ids that the catalog has. */
function itemsOf({ items }: ServingCatalog, itemIds: readonly string[]): Bitmap {
  const found = new Bitmap();
  for (const itemId of itemIds) {
    const itemKey = items.findKey(itemId);
    if (itemKey !== undefined) found.set(itemKey, true);
  }
  return found;
}

function narrowByTags(found: Bitmap, column: ItemColumn, { any, all = [], none = [] }: TagCondition): void {
  const withTag = (tag: string) => column.bitmap(tag, hasTag(tag));
  if (any) found.intersect(any.reduce((union, tag) => union.unite(withTag(tag)), new Bitmap()));
  for (const tag of all) found.intersect(withTag(tag));
  for (const tag of none) found.subtract(withTag(tag));
}
