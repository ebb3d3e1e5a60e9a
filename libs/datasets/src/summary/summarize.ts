import type { Column } from '../columns/mapping.js';
import type { Dataset, DatasetOptions } from '../dataset.js';
import type { ChosenTables, MappedTable } from '../formats/choose-tables.js';
import { hasHeader, type Table } from '../formats/table.js';
import type { ReadingRules } from '../rows/interaction-reader.js';
import type { ItemsOfDataset } from '../rows/read-items.js';
import type { Sources } from '../sources/source.js';
import { explicitOptions, toCommand, toQuery } from './command.js';
import type { FileOfDataset, SummaryColumns, SummaryRatings } from './dataset-summary.js';
import type { AttributeOptions } from './explicit-attributes.js';
import { EXACT_KEYS } from './key-counts.js';
import type { RowCounts } from './row-counts.js';
import { summarizeItems } from './summarize-attributes.js';

export interface Understood {
  readonly sources: Sources;
  readonly chosen: ChosenTables;
  readonly rules: ReadingRules;
  readonly items: ItemsOfDataset | null;
  readonly warnings: readonly string[];
  readonly options: DatasetOptions;
  readonly counts: RowCounts;
}

/**
 * What was understood, with the counts of all rows.
 *
 * @throws DomainError when nothing is left to be stored
 */
export function summarize(understood: Understood): Pick<Dataset, 'summary' | 'query'> {
  const { chosen, rules, items, counts, options } = understood;
  const { table, mapping } = chosen.interactions[0]!;
  const figures = counts.summarize(understood.sources);
  const columns = columnsOf(chosen.interactions[0]!);
  const itemsFile = items && summarizeItems(items, itemOptions(options)).summary;
  const described = {
    format: table.format,
    delimiter: table.delimiter,
    encoding: encodingOf(understood),
    header: hasHeader(table),
    columns,
    ignoredColumns: mapping.ignored.map(({ label }) => label),
    files: filesOf(understood),
    ratings: ratingsOf(rules),
    timeFormat: rules.time?.format ?? null,
    exactUpTo: EXACT_KEYS,
    itemsFile,
    titles: itemsFile?.titles ?? 0,
    cutItems: itemsFile?.cutItems ?? [],
    warnings: [...table.notes, ...mapping.warnings, ...understood.warnings, ...counts.warnings()],
  };
  const summary = { ...described, ...figures };
  const explicit = explicitOptions(summary, chosen, options);
  const command = toCommand(['data', understood.sources.path], explicit);
  return {
    summary: { ...summary, itemsFile: itemsFile && { ...itemsFile, command }, command },
    query: toQuery(explicit),
  };
}

/** What is told of interactions is not told of the items beside them, but for what holds for all files. */
function itemOptions({ ignoreColumns, skipInvalid }: DatasetOptions): AttributeOptions {
  return { ignoreColumns, skipInvalid };
}

function columnsOf({ mapping: { columns, dateParts } }: MappedTable): SummaryColumns {
  const labelOf = (column: Column | undefined) => column?.label ?? null;
  const parts = dateParts.map(({ label }) => label).join('+');
  return {
    user: columns.user!.label,
    item: columns.item!.label,
    type: labelOf(columns.type),
    weight: labelOf(columns.weight),
    rating: labelOf(columns.rating),
    time: parts === '' ? labelOf(columns.time) : parts,
    label: labelOf(columns.label),
  };
}

/** That of the interactions; of the items where only these have other than ASCII characters. */
function encodingOf({ chosen }: Understood): string | null {
  const tables = [...chosen.interactions, ...(chosen.items ? [chosen.items] : [])].map(({ table }) => table);
  const other = tables.find(({ encoding }) => encoding !== null && encoding !== 'utf-8');
  return (other ?? tables[0]!).encoding;
}

function filesOf({ chosen }: Understood): readonly FileOfDataset[] {
  const toFile = (role: FileOfDataset['role'], table: Table, ignored: readonly Column[]): FileOfDataset => ({
    name: table.source.name,
    role,
    format: table.format,
    encoding: table.encoding,
    delimiter: table.delimiter,
    header: hasHeader(table),
    packing: table.source.packing,
    ignoredColumns: ignored.map(({ label }) => label),
    reason: null,
  });
  return [
    ...chosen.interactions.map(({ table, mapping }) => toFile('interactions', table, mapping.ignored)),
    ...(chosen.items ? [toFile('items', chosen.items.table, chosen.items.mapping.ignored)] : []),
    ...(chosen.links ? [toFile('links', chosen.links.table, [])] : []),
    ...chosen.ignored.map(({ name, reason }): FileOfDataset => ({
      name,
      role: 'ignored',
      format: null,
      encoding: null,
      delimiter: null,
      header: false,
      packing: null,
      ignoredColumns: [],
      reason,
    })),
  ];
}

function ratingsOf({ rating }: ReadingRules): SummaryRatings | null {
  if (!rating) return null;
  const { kind, scale, likedFrom } = rating;
  const isBound = kind === 'scale' || kind === 'min-rating';
  return { rule: kind, scale, likedFrom: isBound ? likedFrom : null };
}
