import type { ImportedItem } from '#domain';
import type { GivenColumns } from './columns/columns-option.js';
import type { DatasetOptions } from './dataset.js';
import { asGivenItems, type MappedTable } from './formats/choose-tables.js';
import { openTable } from './formats/open-table.js';
import type { Format, Table } from './formats/table.js';
import type { ItemReadingOptions } from './rows/item-survey.js';
import { prepareItems } from './rows/read-items.js';
import { sourceInvalid } from './sources/source-invalid.js';
import type { Source } from './sources/source.js';
import type { LeftOut } from './summary/dataset-summary.js';

/** Items of a file of their own. They may be read more than once. */
export interface ItemsDataset {
  readonly format: Format;
  readonly encoding: string | null;
  readonly count: number;
  readonly titles: number;
  /** Those that are deleted. */
  readonly deleted: number;
  readonly leftOut: readonly LeftOut[];
  /** Items whose title, tags or metadata are cut because they are more than an item may have. */
  readonly cutItems: readonly LeftOut[];
  items(): AsyncIterable<readonly ImportedItem[]>;
}

type TableOfItems = Pick<DatasetOptions, 'encoding' | 'delimiter' | 'header' | 'ignoreColumns'>;
export type ItemsOptions = TableOfItems & ItemReadingOptions;

/**
 * Understands a source of items: an id, a title, tags, whether it is available, when it was created and
 * deleted, and all other columns as metadata.
 *
 * @throws DomainError `import-source-invalid` or `import-row-invalid` that says where and what to do
 */
export async function understandItems(source: Source, options: ItemsOptions): Promise<ItemsDataset> {
  const mapped = await openItems(source, options, () => new Map());
  const prepared = await prepareItems(mapped, options);
  const { items: count, titles, deleted, leftOut, cut } = prepared;
  const { format, encoding } = mapped.table;
  return { format, encoding, count, titles, deleted, leftOut, cutItems: cut, items: () => prepared.read() };
}

/**
 * The table of a source that is said to be items.
 *
 * @param columnsOf which column of it is what
 */
export async function openItems(
  source: Source,
  options: TableOfItems,
  columnsOf: (table: Table) => GivenColumns,
): Promise<MappedTable> {
  const table = await openTable(source, { ...options, columns: new Map(), isItems: true });
  const { ignoreColumns = [] } = options;
  const items = asGivenItems(table, { columns: columnsOf(table), ignoreColumns });
  if (items) return items;
  throw sourceInvalid(
    source.name,
    'it is no table of items; its header must name the item, for example itemId or id',
  );
}
