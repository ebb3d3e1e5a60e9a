import type { DatasetOptions } from '../dataset.js';
import { ISO_8601 } from '../values/time-rule.js';
import type { DatasetSummary } from './dataset-summary.js';

type Described = Omit<DatasetSummary, 'command'>;

/** A name as in a query, and its value; true and false of what is a flag of the command line. */
export type ExplicitOption = readonly [name: string, value: string | boolean];

const PLAIN = /^[\w@%+=:,./-]+$/;

function quote(word: string): string {
  if (PLAIN.test(word)) return word;
  return word === '\t' ? `$'\\t'` : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Says explicitly what was understood: {@link toCommand} and {@link toQuery} are two ways to write it. */
export function explicitOptions(summary: Described, options: DatasetOptions): readonly ExplicitOption[] {
  return [
    ...formatOptions(summary),
    ...columnOptions(summary),
    ...ratingOptions(summary, options),
    ...typeWeights(options),
    ...(options.skipInvalid ? [['skipInvalid', true] as const] : []),
  ];
}

/** The command that says it for what is at `path`. */
export function toCommand(path: string, options: readonly ExplicitOption[]): string {
  const words = options.map(([name, value]) => {
    const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (typeof value === 'string') return `--${option} ${quote(value)}`;
    return value ? `--${option}` : `--no-${option}`;
  });
  return ['sparserec import --data', path === 'standard input' ? '-' : quote(path), ...words].join(' ');
}

/** The query of an import over HTTP that says it. */
export function toQuery(options: readonly ExplicitOption[]): string {
  const pairs = options.map(([name, value]) =>
    name === 'skipInvalid' ? ['onInvalid', 'skip'] : [name, String(value)],
  );
  return new URLSearchParams(pairs).toString();
}

/** An option holds for all files, so it is left away where they differ. */
function formatOptions({ format, delimiter, encoding, files, header }: Described): ExplicitOption[] {
  const read = files.filter(({ role }) => role !== 'ignored');
  const isTrain = format === 'train.txt';
  const isTable = delimiter !== null && !isTrain;
  return [
    ...(isTrain ? [['format', format] as const] : []),
    ...(encoding !== null && read.every((file) => file.encoding === encoding)
      ? [['encoding', encoding] as const]
      : []),
    ...(isTable && read.every((file) => file.delimiter === delimiter)
      ? [['delimiter', delimiter] as const]
      : []),
    ...(isTable && read.every((file) => file.header === header) ? [['header', header] as const] : []),
  ];
}

function columnOptions({ format, columns, ignoredColumns, timeFormat }: Described): ExplicitOption[] {
  if (format === 'train.txt') return [];
  const given = Object.entries(columns).filter(
    ([role, column]) => column !== null && !(role === 'time' && String(column).includes('+')),
  );
  const isParts = String(columns.time).includes('+');
  const ignored = ignoredColumns.filter((column) => !String(column).includes(','));
  return [
    ['columns', given.map(([role, column]) => `${role}=${column}`).join(',')],
    ...(ignored.length > 0 ? [['ignoreColumns', ignored.join(',')] as const] : []),
    ...(timeFormat === null || isParts
      ? []
      : [['timeFormat', timeFormat === ISO_8601 ? 'iso' : timeFormat] as const]),
  ];
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
