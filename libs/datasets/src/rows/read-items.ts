import { LIMITS, type ItemDetails } from '#domain';
import type { DatasetOptions } from '../dataset.js';
import type { MappedTable } from '../formats/choose-tables.js';
import { cellOf } from '../formats/table.js';
import { refusedRow } from '../refused-row.js';
import type { LeftOut } from '../summary/dataset-summary.js';
import { LeftOutRows } from '../summary/left-out.js';
import { InvalidValue } from '../values/invalid-value.js';
import { TagSurvey, type TagSeparator } from '../values/tags.js';
import { ItemReader, type Cut } from './item-reader.js';

/** Items of a data set, whose tags are known to be apart in one way. */
export interface ItemsOfDataset {
  readonly table: MappedTable;
  readonly items: number;
  readonly titles: number;
  readonly cut: readonly LeftOut[];
  readonly leftOut: readonly LeftOut[];
  read(): AsyncIterable<readonly ItemDetails[]>;
}

const CUT_REASONS: Readonly<Record<Cut, string>> = {
  title: `the title is cut at ${LIMITS.titleLength} characters`,
  metadata: `metadata of more than ${LIMITS.metadataBytes} bytes is left away`,
  tags: `only ${LIMITS.tagsPerItem} tags of at most ${LIMITS.tagLength} characters are kept`,
};

/** Looks at all items once, as they will be stored. */
export async function prepareItems(
  items: MappedTable,
  options: Pick<DatasetOptions, 'skipInvalid'>,
): Promise<ItemsOfDataset> {
  const separator = await findSeparator(items);
  const cut = new LeftOutRows();
  const leftOut = new LeftOutRows();
  let [count, titles] = [0, 0];
  const onCut = (kind: Cut, line: number) => cut.add(CUT_REASONS[kind], line);
  const onInvalid = options.skipInvalid ? leftOut : null;
  for await (const chunk of readAll(items, { separator, onCut, onInvalid }))
    for (const { title } of chunk) {
      count++;
      if (title !== null) titles++;
    }
  return {
    table: items,
    items: count,
    titles,
    cut: cut.list(),
    leftOut: leftOut.list(),
    read: () => readAll(items, { separator, onInvalid: options.skipInvalid ? new LeftOutRows() : null }),
  };
}

async function findSeparator({ table, mapping }: MappedTable): Promise<TagSeparator> {
  const { tags } = mapping.columns;
  if (!tags) return null;
  const survey = new TagSurvey();
  const at = cellOf(table, tags.index);
  for await (const { rows } of table.read([tags.index])) for (const row of rows) survey.see(row[at]);
  return survey.decide(table.format === 'recbole');
}

interface ItemOptions {
  readonly separator: TagSeparator;
  readonly onCut?: (cut: Cut, line: number) => void;
  /** Where rows go that cannot be stored; null: such a row refuses all. */
  readonly onInvalid: LeftOutRows | null;
}

async function* readAll(
  { table, mapping }: MappedTable,
  { separator, onCut, onInvalid }: ItemOptions,
): AsyncGenerator<readonly ItemDetails[]> {
  const reader = new ItemReader(table, mapping, separator, onCut);
  for await (const { rows, lines } of table.read()) {
    const items: ItemDetails[] = [];
    for (const [index, row] of rows.entries()) {
      const line = lines[index]!;
      try {
        items.push(reader.read(row, line));
      } catch (error) {
        if (!(error instanceof InvalidValue)) throw error;
        if (!onInvalid) throw refusedRow({ name: table.source.name, line, unit: table.unit }, error.message);
        onInvalid.add(error.message, line);
      }
    }
    yield items;
  }
}
