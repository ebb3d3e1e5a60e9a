import { LIMITS, type ImportedItem } from '#domain';
import type { MappedTable } from '../formats/choose-tables.js';
import { refusedValue } from '../refused-row.js';
import type { LeftOut } from '../summary/dataset-summary.js';
import { LeftOutRows } from '../summary/left-out.js';
import { InvalidValue } from '../values/invalid-value.js';
import { ItemReader, type Cut } from './item-reader.js';
import { surveyItems, type ItemReadingOptions, type ItemRules } from './item-survey.js';

/** Items of a data set, whose tags are known to be apart in one way. */
export interface ItemsOfDataset {
  readonly table: MappedTable;
  readonly items: number;
  readonly titles: number;
  /** Those that are deleted. */
  readonly deleted: number;
  readonly cut: readonly LeftOut[];
  readonly leftOut: readonly LeftOut[];
  read(): AsyncIterable<readonly ImportedItem[]>;
}

const CUT_REASONS: Readonly<Record<Cut, string>> = {
  title: `the title is cut at ${LIMITS.titleLength} characters`,
  metadata: `metadata of more than ${LIMITS.metadataBytes} bytes is left away`,
  tags: `only ${LIMITS.tagsPerItem} tags of at most ${LIMITS.tagLength} characters are kept`,
};

/** Looks at all items once, as they will be stored. */
export async function prepareItems(items: MappedTable, options: ItemReadingOptions): Promise<ItemsOfDataset> {
  const rules = await surveyItems(items, options);
  const cut = new LeftOutRows();
  const leftOut = new LeftOutRows();
  let [count, titles, deleted] = [0, 0, 0];
  const onCut = (kind: Cut, line: number) => cut.add(CUT_REASONS[kind], line);
  const onInvalid = options.skipInvalid ? leftOut : null;
  for await (const chunk of readAll(items, { rules, onCut, onInvalid }))
    for (const { title, deletedAt } of chunk) {
      count++;
      if (title !== null) titles++;
      if (deletedAt) deleted++;
    }
  return {
    table: items,
    items: count,
    titles,
    deleted,
    cut: cut.list(),
    leftOut: leftOut.list(),
    read: () => readAll(items, { rules, onInvalid: options.skipInvalid ? new LeftOutRows() : null }),
  };
}

interface ItemOptions {
  readonly rules: ItemRules;
  readonly onCut?: (cut: Cut, line: number) => void;
  /** Where rows go that cannot be stored; null: such a row refuses all. */
  readonly onInvalid: LeftOutRows | null;
}

async function* readAll(
  mapped: MappedTable,
  { rules, onCut, onInvalid }: ItemOptions,
): AsyncGenerator<readonly ImportedItem[]> {
  const { table, mapping } = mapped;
  const reader = new ItemReader(table, mapping, rules, onCut);
  for await (const { rows, lines } of table.read()) {
    const items: ImportedItem[] = [];
    for (const [index, row] of rows.entries()) {
      const line = lines[index]!;
      try {
        items.push(reader.read(row, line));
      } catch (error) {
        if (!(error instanceof InvalidValue)) throw error;
        if (!onInvalid) throw refusedValue(mapped, line, error);
        onInvalid.add(error.message, line);
      }
    }
    yield items;
  }
}
