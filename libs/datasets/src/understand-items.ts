import type { ImportedItem } from '#domain';
import type { GivenColumns } from './columns/columns-option.js';
import type { DatasetOptions } from './dataset.js';
import { asGivenItems } from './formats/attribute-tables.js';
import type { MappedTable } from './formats/choose-tables.js';
import { openTable } from './formats/open-table.js';
import type { Table } from './formats/table.js';
import type { ItemReadingOptions } from './rows/item-survey.js';
import { prepareItems } from './rows/read-items.js';
import type { Source } from './sources/source.js';
import type { ItemsSummary } from './summary/attribute-summary.js';
import { summarizeItems, type Summarized } from './summary/summarize-attributes.js';

/** Items of a file of their own. They may be read more than once. */
export interface ItemsDataset extends Summarized<ItemsSummary> {
  items(): AsyncIterable<readonly ImportedItem[]>;
}

type TableOfItems = Pick<DatasetOptions, 'encoding' | 'delimiter' | 'header' | 'ignoreColumns' | 'columns'>;
interface Beside {
  /** Whether interactions are read too, which have `--header` and `--no-header` for themselves. */
  readonly isBeside?: boolean;
}
export type ItemsOptions = TableOfItems & ItemReadingOptions & Pick<DatasetOptions, 'toldBesides'>;

/**
 * Understands a source of items: an id, a title, tags, whether it is available, when it was created and
 * deleted, and all other columns as metadata.
 *
 * @throws DomainError `import-source-invalid` or `import-row-invalid` that says where and what to do
 */
export async function understandItems(source: Source, options: ItemsOptions): Promise<ItemsDataset> {
  const mapped = await openItems(source, options, () => new Map());
  const prepared = await prepareItems(mapped, options);
  return { ...summarizeItems(prepared, options), items: () => prepared.read() };
}

/**
 * The table of a source that is said to be items.
 *
 * @param columnsOf which column of it is what, where the options do not say
 * @throws DomainError `import-source-invalid` when it is none
 */
export async function openItems(
  source: Source,
  options: TableOfItems & Beside,
  columnsOf: (table: Table) => GivenColumns,
): Promise<MappedTable> {
  const { columns = new Map(), ignoreColumns = [], encoding, delimiter, header, isBeside } = options;
  const told = { encoding, delimiter, header, columns, isBeside };
  const table = await openTable(source, { ...told, isItems: true });
  return asGivenItems(table, { columns: new Map([...columnsOf(table), ...columns]), ignoreColumns });
}
