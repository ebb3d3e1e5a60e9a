import { DomainError, type ImportedItem, type Interaction } from '#domain';
import type { GivenColumns } from './columns/columns-option.js';
import { notUnderstood } from './columns/not-understood.js';
import { INTERACTION_ROLES } from './columns/roles.js';
import type { Dataset, DatasetOptions, TypeOfDataset } from './dataset.js';
import {
  asInteractions,
  chooseTables,
  columnsOfItems,
  mapTable,
  type ChosenTables,
  type ColumnOptions,
  type IgnoredSource,
} from './formats/choose-tables.js';
import { linksOf } from './formats/films.js';
import { openTable } from './formats/open-table.js';
import { joinOrders } from './formats/orders.js';
import { isSet, type Table, type TableOptions } from './formats/table.js';
import type { ItemReadingOptions } from './rows/item-survey.js';
import { readInteractions } from './rows/read-interactions.js';
import { prepareItems } from './rows/read-items.js';
import { readLinks } from './rows/read-links.js';
import { sourceInvalid } from './sources/source-invalid.js';
import type { Source, Sources } from './sources/source.js';
import { surveyAndCount } from './summary/count-rows.js';
import { summarize } from './summary/summarize.js';
import { openItems } from './understand-items.js';
import { LOW_RATING } from './values/ratings.js';

/**
 * Understands a data set: its format, its columns, and what its values mean. Every row is read once, as it
 * will be stored, so that what cannot be stored is known before anything is.
 *
 * @throws DomainError `import-source-invalid` or `import-row-invalid` that says where and what to do
 */
export async function understand(sources: Sources, options: DatasetOptions): Promise<Dataset> {
  const columns: ColumnOptions = {
    columns: options.columns ?? new Map(),
    ignoreColumns: options.ignoreColumns ?? [],
  };
  const chosen = await openTables(sources, options, columns);
  const { interactions } = chosen;
  const items = chosen.items && (await prepareItems(chosen.items, await besideInteractions(chosen, options)));
  const { survey, counts } = await surveyAndCount(interactions, options);
  const { rules, warnings } = survey;
  const { summary, query } = summarize({ sources, chosen, rules, items, counts, warnings, options });
  return {
    summary,
    query,
    refused: counts.refused,
    isSet: isSet(interactions[0]!.table),
    interactionTypes: typesOf(summary.lowRatings > 0, options),
    items: () => (items ? items.read() : nothing()),
    interactions: () => toInteractions(readInteractions(interactions, rules, options)),
  };
}

async function besideInteractions(
  { links }: ChosenTables,
  options: DatasetOptions,
): Promise<ItemReadingOptions> {
  return { ...options, besideInteractions: true, otherIds: links && (await readLinks(links)) };
}

async function* toInteractions(
  chunks: ReturnType<typeof readInteractions>,
): AsyncGenerator<readonly Interaction[]> {
  for await (const { interactions } of chunks) yield interactions;
}

async function* nothing(): AsyncGenerator<readonly ImportedItem[]> {}

function typesOf(hasLowRatings: boolean, { typeWeights }: DatasetOptions): Dataset['interactionTypes'] {
  const weighted = new Map<string, TypeOfDataset>(
    [...(typeWeights ?? [])].map(([name, trainingWeight]) => [name, { name, trainingWeight }]),
  );
  if (hasLowRatings)
    weighted.set(LOW_RATING, { ...weighted.get(LOW_RATING), name: LOW_RATING, positive: false });
  return [...weighted.values()];
}

/** Opens what can be read; in a folder, other files may be anything. */
async function openTables(
  sources: Sources,
  options: DatasetOptions,
  columns: ColumnOptions,
): Promise<ChosenTables> {
  const tables: Table[] = [];
  const failed: IgnoredSource[] = [];
  for (const source of sources.sources) {
    try {
      tables.push(await openOne(source, options, { columns, isAlone: !sources.isFolder }));
    } catch (error) {
      if (!sources.isFolder || !(error instanceof DomainError)) throw error;
      failed.push({ name: source.name, reason: error.message.replace(`${source.name}: `, '') });
    }
  }
  const chosen = chooseTables(
    sources,
    joinOrders(tables, { ...columns, skipInvalid: options.skipInvalid }),
    columns,
  );
  if (!chosen) throw nothingFound(sources, tables, { failed, columns });
  const { items, links } = options.items ? await openGivenItems(options.items, options, chosen) : chosen;
  const ignored = [...chosen.ignored, ...replaced(chosen, items), ...failed].filter(
    ({ name }) => ![items, links].some((read) => read?.table.source.name === name),
  );
  return { ...chosen, items, links, ignored, hasUnreadable: failed.length > 0 };
}

/** Tables of items that are not read since another is named. */
function replaced({ items, links }: ChosenTables, given: ChosenTables['items']): readonly IgnoredSource[] {
  return [items, links].flatMap((table) =>
    table && items !== given
      ? [{ name: table.table.source.name, reason: 'other items are named by --items' }]
      : [],
  );
}

/** The items of a file of their own, with what says how the interactions call them. */
async function openGivenItems(
  source: Source,
  { ignoreColumns, itemColumns }: DatasetOptions,
  { interactions, others }: ChosenTables,
): Promise<Pick<ChosenTables, 'items' | 'links'>> {
  const told = { ignoreColumns, columns: itemColumns, isBeside: true };
  const columnsOf = (table: Table) => columnsOfItems(table, new Map(), interactions[0]!);
  const items = await openItems(source, told, columnsOf);
  const isTold = itemColumns?.has('item') === true;
  return { items, links: isTold ? null : linksOf(items, interactions[0]!, others) };
}

interface Opening {
  readonly columns: ColumnOptions;
  readonly isAlone: boolean;
}

/** Columns that are given say nothing of a table of a folder that has not all of them. */
async function openOne(
  source: Source,
  options: DatasetOptions,
  { columns, isAlone }: Opening,
): Promise<Table> {
  const open = (given: GivenColumns) =>
    openTable(source, { ...options, columns: given } satisfies TableOptions);
  if (isAlone || columns.columns.size === 0) return open(columns.columns);
  const table = await open(columns.columns).catch((error: unknown) => {
    if (error instanceof DomainError) return null;
    throw error;
  });
  return table && (table.hasObjects || asInteractions(table, columns)) ? table : open(new Map());
}

interface Found {
  readonly failed: readonly IgnoredSource[];
  readonly columns: ColumnOptions;
}

function nothingFound(sources: Sources, tables: readonly Table[], { failed, columns }: Found): DomainError {
  const [table, another] = tables;
  if (table && (!another || !sources.isFolder)) {
    const isAlone = failed.length === 0;
    const mapping = mapTable(table, INTERACTION_ROLES, columns);
    if (isAlone || !mapping.columns.user || !mapping.columns.item)
      return notUnderstood(table, mapping, columns.columns);
  }
  const reasons = [
    ...tables.map(
      (some) => notUnderstood(some, mapTable(some, INTERACTION_ROLES, columns), columns.columns).message,
    ),
    ...failed.map(({ name, reason }) => `${name}: ${reason}`),
  ];
  return sourceInvalid(
    sources.path,
    `no file in it is understood as interactions; give the path of the one that has them. ${reasons.slice(0, 3).join('. ')}`,
  );
}
