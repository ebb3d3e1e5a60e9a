import { DomainError, LIMITS, RefusedRowList, type RefusedRows } from '#domain';
import type { Column } from '../columns/mapping.js';
import type { DatasetOptions } from '../dataset.js';
import type { ChosenTables, MappedTable } from '../formats/choose-tables.js';
import type { Table } from '../formats/table.js';
import type { ReadingRules } from '../rows/interaction-reader.js';
import type { InteractionChunk } from '../rows/read-interactions.js';
import type { ItemsOfDataset } from '../rows/read-items.js';
import { sourceInvalid } from '../sources/source-invalid.js';
import type { Sources } from '../sources/source.js';
import { explicitCommand } from './command.js';
import type { DatasetSummary, FileOfDataset, SummaryColumns, SummaryRatings } from './dataset-summary.js';
import { DoubtfulIds } from './doubtful-ids.js';
import { InteractionCounts } from './interaction-counts.js';
import { EXACT_KEYS } from './key-counts.js';
import { LeftOutRows } from './left-out.js';

export interface Understood {
  readonly sources: Sources;
  readonly chosen: ChosenTables;
  readonly rules: ReadingRules;
  readonly items: ItemsOfDataset | null;
  readonly isSet: boolean;
  readonly warnings: readonly string[];
  readonly options: DatasetOptions;
  readonly interactions: () => AsyncIterable<InteractionChunk>;
}

/**
 * Reads every row as it will be stored, and counts.
 *
 * @throws DomainError when a row cannot be stored, or nothing is left
 */
export async function summarize(
  understood: Understood,
): Promise<{ readonly summary: DatasetSummary; readonly refused: RefusedRows }> {
  const { chosen, rules, items, isSet, options } = understood;
  const { table, mapping } = chosen.interactions[0]!;
  const hasWeights = mapping.columns.weight !== undefined || rules.rating?.kind === 'weight';
  const counted = await count(understood, new InteractionCounts({ isSet, hasWeights }));
  const columns = columnsOf(chosen.interactions[0]!);
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
    titles: items?.titles ?? 0,
    cutItems: items?.cut ?? [],
    warnings: [...table.notes, ...mapping.warnings, ...understood.warnings, ...counted.warnings],
  };
  const summary = { ...described, ...counted.figures };
  const command = explicitCommand(understood.sources.path, summary, options);
  return { summary: { ...summary, command }, refused: counted.refused };
}

interface Counted {
  readonly figures: ReturnType<InteractionCounts['summarize']> &
    Pick<DatasetSummary, 'leftOut' | 'trimmedIds'>;
  readonly warnings: readonly string[];
  readonly refused: RefusedRows;
}

async function count(
  { sources, chosen, items, interactions }: Understood,
  counts: InteractionCounts,
): Promise<Counted> {
  const leftOut = new LeftOutRows();
  const doubts = new DoubtfulIds(chosen.interactions[0]!.table.encoding);
  let trimmedIds = 0;
  const refused = new RefusedRowList();
  for await (const chunk of interactions()) {
    for (const interaction of chunk.interactions) {
      counts.add(interaction);
      doubts.see(interaction);
    }
    for (const { reason, line, file, isInvalid } of chunk.leftOut) {
      leftOut.add(chosen.interactions.length > 1 ? `${reason} (${file})` : reason, line);
      if (isInvalid) refused.add({ row: line, reason });
    }
    trimmedIds += chunk.trimmedIds;
  }
  if (counts.rows === 0) throw nothingToLearn(sources, leftOut);
  checkTypes(counts, sources);
  return {
    refused,
    figures: {
      ...counts.summarize(),
      leftOut: [...leftOut.list(), ...(items?.leftOut ?? [])],
      trimmedIds,
    },
    warnings: doubts.warnings(),
  };
}

function nothingToLearn({ path }: Sources, leftOut: LeftOutRows): DomainError {
  const reasons = leftOut
    .list()
    .map(({ reason, rows }) => `${rows} ${rows === 1 ? 'row' : 'rows'}: ${reason}`);
  const why = reasons.length === 0 ? 'it has no rows' : `all rows are left out (${reasons.join('; ')})`;
  return sourceInvalid(path, `${why}, so there is nothing to learn from`);
}

function checkTypes({ types }: InteractionCounts, { path }: Sources): void {
  if (types.length <= LIMITS.interactionTypesPerCatalog) return;
  throw sourceInvalid(
    path,
    `it has more than ${LIMITS.interactionTypesPerCatalog} types (${types.slice(0, 5).join(', ')}, …); leave that column out by --ignore-columns or say which one is the type by --columns`,
  );
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

function hasHeader({ names, hasObjects }: Table): boolean {
  return names !== null && !hasObjects;
}

/** That of the interactions; of the items where only these have other than ASCII characters. */
function encodingOf({ chosen }: Understood): string | null {
  const tables = [...chosen.interactions, ...(chosen.items ? [chosen.items] : [])].map(({ table }) => table);
  const other = tables.find(({ encoding }) => encoding !== null && encoding !== 'utf-8');
  return (other ?? tables[0]!).encoding;
}

function filesOf({ chosen }: Understood): readonly FileOfDataset[] {
  const toFile = (role: 'interactions' | 'items', { table, mapping }: MappedTable): FileOfDataset => ({
    name: table.source.name,
    role,
    format: table.format,
    encoding: table.encoding,
    delimiter: table.delimiter,
    header: hasHeader(table),
    packing: table.source.packing,
    ignoredColumns: mapping.ignored.map(({ label }) => label),
    reason: null,
  });
  return [
    ...chosen.interactions.map((part) => toFile('interactions', part)),
    ...(chosen.items ? [toFile('items', chosen.items)] : []),
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
