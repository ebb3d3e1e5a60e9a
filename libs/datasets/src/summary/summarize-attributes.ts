import type { Column } from '../columns/mapping.js';
import type { Role } from '../columns/roles.js';
import type { MappedTable } from '../formats/choose-tables.js';
import { GENRE_COLUMNS, hasGenreColumns, isGenreColumn } from '../formats/movielens.js';
import { hasHeader } from '../formats/table.js';
import type { ItemsOfDataset } from '../rows/read-items.js';
import type { UsersOfTable } from '../rows/read-users.js';
import type { AttributesSummary, ColumnLabel, ItemsSummary, UsersSummary } from './attribute-summary.js';
import { toCommand, toQuery } from './command.js';
import type { ExplicitOption } from './dataset-summary.js';
import {
  explicitAttributes,
  explicitColumns,
  type AttributeOptions,
  type ExplicitlySaid,
} from './explicit-attributes.js';

/** A summary, and its command as the query of an import over HTTP. */
export interface Summarized<Summary> {
  readonly summary: Summary;
  readonly query: string;
  /** The option that says which column is what. */
  readonly explicitColumns: readonly ExplicitOption[];
}

/** What was understood of items, with the counts of all rows. */
export function summarizeItems(
  { table: mapped, rules, counts, notes, cut, ...read }: ItemsOfDataset,
  options: AttributeOptions,
): Summarized<ItemsSummary> {
  const { item, ...columns } = labelsOf(mapped, ['item', 'title', 'tags', 'year', 'available', ...DATES]);
  const tags = hasGenreColumns(mapped.table.known) ? GENRE_COLUMNS : columns.tags;
  const described = {
    ...describeTable(mapped),
    columns: { id: item!, ...columns, tags },
    timeFormats: { createdAt: rules.createdAt?.format ?? null, deletedAt: rules.deletedAt?.format ?? null },
    ...counts.summarize(),
    cutItems: cut,
    ...rowsOf(read),
    warnings: distinct([
      ...warningsOf(mapped),
      ...notes,
      ...DATES.flatMap((date) => rules[date]?.notes ?? []),
      ...counts.warnings(),
    ]),
  };
  return withCommand(described, 'items', options);
}

const DATES = ['createdAt', 'deletedAt'] as const;

/** The same of users. */
export function summarizeUsers(
  { table: mapped, counts, cut, ...read }: UsersOfTable,
  options: AttributeOptions,
): Summarized<UsersSummary> {
  const { user, ...columns } = labelsOf(mapped, ['user', 'tags', 'training', 'personal']);
  const described = {
    ...describeTable(mapped),
    columns: { id: user!, ...columns },
    ...counts.summarize(),
    cutUsers: cut,
    ...rowsOf(read),
    warnings: distinct([...warningsOf(mapped), ...counts.warnings()]),
  };
  return withCommand(described, 'users', options);
}

function describeTable({ table, mapping }: MappedTable) {
  const { source, format, delimiter, encoding, known } = table;
  return {
    name: source.name,
    ...{ format, delimiter, encoding },
    header: hasHeader(table),
    packing: source.packing,
    metadataColumns: mapping.metadata.map(({ label }) => label),
    ignoredColumns: mapping.ignored
      .filter(({ index }) => !isGenreColumn(known, index))
      .map(({ label }) => label),
  };
}

function labelsOf<Named extends Role>(
  { mapping: { columns } }: MappedTable,
  roles: readonly Named[],
): Record<Named, ColumnLabel> {
  const labelOf = (column: Column | undefined) => column?.label ?? null;
  return Object.fromEntries(roles.map((role) => [role, labelOf(columns[role])])) as Record<
    Named,
    ColumnLabel
  >;
}

function warningsOf({ table, mapping }: MappedTable): readonly string[] {
  return [...table.notes, ...mapping.warnings];
}

function rowsOf({ leftOut, trimmedIds }: Pick<ItemsOfDataset, 'leftOut' | 'trimmedIds'>) {
  return { leftOut, trimmedIds };
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

function withCommand<Described extends Omit<AttributesSummary, 'command'> & ExplicitlySaid>(
  described: Described,
  kind: 'items' | 'users',
  options: AttributeOptions,
): Summarized<Described & Pick<AttributesSummary, 'command'>> {
  const explicit = explicitAttributes(described, kind, options);
  const command = toCommand([kind, described.name], explicit);
  return {
    summary: { ...described, command },
    query: toQuery(explicit),
    explicitColumns: explicitColumns(kind, described.columns),
  };
}
