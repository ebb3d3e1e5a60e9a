import { LIMITS, type ImportedItem } from '#domain';
import type { MappedTable } from '../formats/choose-tables.js';
import { refusedValue } from '../refused-row.js';
import { ItemCounts } from '../summary/attribute-counts.js';
import { LeftOutRows, type LeftOut } from '../summary/left-out.js';
import { InvalidValue } from '../values/invalid-value.js';
import { ItemReader, type Cut, type ItemHooks } from './item-reader.js';
import { surveyItems, type ItemReadingOptions, type ItemRules } from './item-survey.js';
import type { OtherIds } from './read-links.js';

/** Items of a data set, of which all columns are understood. */
export interface ItemsOfDataset {
  readonly table: MappedTable;
  readonly rules: ItemRules;
  readonly counts: ItemCounts;
  readonly trimmedIds: number;
  /** What else is to be known of how they are read. */
  readonly notes: readonly string[];
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
  const { skipInvalid = false, otherIds = null } = options;
  const [cut, leftOut] = [new LeftOutRows(), new LeftOutRows()];
  const counts = new ItemCounts(items.table.encoding);
  let trimmedIds = 0;
  const hooks = {
    onCut: (kind: Cut, line: number) => cut.add(CUT_REASONS[kind], line),
    onTrimmed: () => {
      trimmedIds++;
    },
  };
  for await (const chunk of readAll(items, { rules, hooks, skipInvalid, leftOut, otherIds }))
    for (const item of chunk) counts.add(item);
  return {
    ...{ table: items, rules, counts, trimmedIds },
    notes: otherIds ? [otherIds.note] : [],
    ...{ cut: cut.list(), leftOut: leftOut.list() },
    read: () => readAll(items, { rules, skipInvalid, leftOut: new LeftOutRows(), otherIds }),
  };
}

interface ReadingOptions {
  readonly rules: ItemRules;
  readonly hooks?: ItemHooks;
  /** Whether rows that cannot be stored go to `leftOut`; else such a row refuses all. */
  readonly skipInvalid: boolean;
  readonly leftOut: LeftOutRows;
  readonly otherIds: OtherIds | null;
}

async function* readAll(
  mapped: MappedTable,
  { rules, hooks, skipInvalid, leftOut, otherIds }: ReadingOptions,
): AsyncGenerator<readonly ImportedItem[]> {
  const reader = new ItemReader(mapped, rules, hooks);
  for await (const { rows, lines } of mapped.table.read()) {
    const items: ImportedItem[] = [];
    for (const [index, row] of rows.entries()) {
      const line = lines[index]!;
      try {
        const called = asCalled(reader.read(row, line), otherIds);
        if (called.length === 0) leftOut.add(otherIds!.missing, line);
        items.push(...called);
      } catch (error) {
        if (!(error instanceof InvalidValue)) throw error;
        if (!skipInvalid) throw refusedValue(mapped, line, error);
        leftOut.add(error.message, line);
      }
    }
    yield items;
  }
}

/** The item by each id that the interactions have for it. */
function asCalled(item: ImportedItem, otherIds: OtherIds | null): readonly ImportedItem[] {
  if (!otherIds) return [item];
  return (otherIds.ids.get(item.itemId) ?? []).map((itemId) => ({ ...item, itemId }));
}
