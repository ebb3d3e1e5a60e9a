import { findColumn } from '../columns/mapping.js';
import type { DatasetOptions } from '../dataset.js';
import type { ChosenTables } from '../formats/choose-tables.js';
import { hasHeader, type Table } from '../formats/table.js';
import { ISO_8601 } from '../values/time-rule.js';
import type { ItemColumns, ItemsSummary } from './attribute-summary.js';
import type { DatasetSummary, ExplicitOption } from './dataset-summary.js';
import { explicitColumns } from './explicit-attributes.js';

type Described = Omit<DatasetSummary, 'command'>;

const PLAIN = /^[\w@%+=:,./-]+$/;

function quote(word: string): string {
  if (PLAIN.test(word)) return word;
  return word === '\t' ? `$'\\t'` : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * Says explicitly what was understood: {@link toCommand} and {@link toQuery} are two ways to write it. An
 * option that holds for all files is left away where another file would be understood otherwise by it.
 */
export function explicitOptions(
  summary: Described,
  chosen: ChosenTables,
  options: DatasetOptions,
): readonly ExplicitOption[] {
  const { itemsFile } = summary;
  return [
    ...(options.toldBesides ?? []),
    ...(options.items && itemsFile ? explicitColumns('items', columnsOfItems(itemsFile, chosen)) : []),
    ...formatOptions(summary, chosen, options),
    ...columnOptions(summary, chosen, options),
    ...timeOption(summary, options),
    ...ratingOptions(summary, options),
    ...typeWeights(options),
    ...(options.skipInvalid ? [['skipInvalid', true] as const] : []),
  ];
}

/** An id that is named stands for itself, so it is not said where links say what it stands for. */
function columnsOfItems({ columns }: ItemsSummary, { links }: ChosenTables): Partial<ItemColumns> {
  const { id, ...others } = columns;
  return links ? others : { id, ...others };
}

/** The command that says it for what is at a path, which an option names. */
export function toCommand(
  [source, path]: readonly [source: 'data' | 'items' | 'users', path: string],
  options: readonly ExplicitOption[],
): string {
  const words = options.map(([name, value]) => {
    const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (typeof value === 'string') return `--${option} ${quote(value)}`;
    return value ? `--${option}` : `--no-${option}`;
  });
  const given = path === 'standard input' ? '-' : quote(path);
  return [`sparserec import --${source}`, given, ...words].join(' ');
}

/** Options whose parameter is called otherwise, as each call takes one kind of file. */
const PARAMETERS: Readonly<Record<string, string>> = { itemColumns: 'columns', userColumns: 'columns' };

/** The query of an import over HTTP that says it. */
export function toQuery(options: readonly ExplicitOption[]): string {
  const pairs = options.map(([name, value]) =>
    name === 'skipInvalid' ? ['onInvalid', 'skip'] : [PARAMETERS[name] ?? name, String(value)],
  );
  return new URLSearchParams(pairs).toString();
}

function formatOptions(
  { format, header }: Described,
  { interactions, others, ignored, hasUnreadable }: ChosenTables,
  told: DatasetOptions,
): ExplicitOption[] {
  const { table } = interactions[0]!;
  const isTrain = format === 'train.txt';
  const isTable = table.delimiter !== null && !isTrain;
  const tables = [...interactions.map((part) => part.table), ...others];
  const isOfAll = (isSame: (table: Table) => boolean) => !hasUnreadable && tables.every(isSame);
  const { delimiter, encoding } = table;
  const saysEncoding = encoding !== null && isOfAll((some) => some.encoding === encoding);
  const saysDelimiter = isTable && isOfAll((some) => some.delimiter === delimiter);
  const saysHeader = isTable && isOfAll((some) => hasHeader(some) === header);
  const said = {
    format: told.format ?? (isTrain && ignored.length === 0 ? format : null),
    encoding: told.encoding ?? (saysEncoding ? encoding : null),
    delimiter: told.delimiter ?? (saysDelimiter ? delimiter : null),
    header: told.header ?? (saysHeader ? header : null),
  };
  return Object.entries(said).filter((option): option is [string, string | boolean] => option[1] !== null);
}

function columnOptions(
  { format, columns, ignoredColumns }: Described,
  { others, items }: ChosenTables,
  { ignoreColumns = [] }: DatasetOptions,
): ExplicitOption[] {
  const isTold = (column: string) => ignoreColumns.includes(column);
  const isElsewhere = (column: string) =>
    [...others, ...(items ? [items.table] : [])].some((table) => findColumn(table, column) !== null);
  const ignored = ignoredColumns
    .map(String)
    .filter((column) => !column.includes(',') && !isTold(column) && !isElsewhere(column));
  const given = Object.entries(columns).filter(
    ([role, column]) => column !== null && !(role === 'time' && String(column).includes('+')),
  );
  const left = [...ignoreColumns, ...(format === 'train.txt' ? [] : ignored)];
  return [
    ...(format === 'train.txt'
      ? []
      : [['columns', given.map(([role, column]) => `${role}=${column}`).join(',')] as const]),
    ...(left.length > 0 ? [['ignoreColumns', left.join(',')] as const] : []),
  ];
}

/** Items may have times where the interactions have none. */
function timeOption({ columns, timeFormat }: Described, told: DatasetOptions): ExplicitOption[] {
  const isParts = String(columns.time).includes('+');
  const format = timeFormat === null || isParts ? told.timeFormat : timeFormat;
  return format === undefined ? [] : [['timeFormat', format === ISO_8601 ? 'iso' : format]];
}

function typeWeights({ typeWeights: weights }: DatasetOptions): ExplicitOption[] {
  if (!weights || weights.size === 0) return [];
  return [['typeWeight', [...weights].map(([type, weight]) => `${type}=${weight}`).join(',')]];
}

function ratingOptions({ ratings }: Described, options: DatasetOptions): ExplicitOption[] {
  if (!ratings) return [];
  const { rule, scale, likedFrom } = ratings;
  const rules: Readonly<Record<typeof rule, ExplicitOption[]>> = {
    scale: [],
    'min-rating': [['minRating', String(likedFrom)]],
    weight: [['ratingAsWeight', true]],
    'all-positive': [['allRatingsPositive', true]],
  };
  return [
    ...(scale === null ? [] : [['scale', String(scale)] as const]),
    ...rules[rule],
    ...(options.unrated === 'like' ? [['unrated', 'like'] as const] : []),
  ];
}
