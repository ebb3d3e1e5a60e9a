import type { DatasetOptions } from '../dataset.js';
import { ISO_8601 } from '../values/time-rule.js';
import type { DatasetSummary } from './dataset-summary.js';

type Described = Omit<DatasetSummary, 'command'>;

const PLAIN = /^[\w@%+=:,./-]+$/;

function quote(word: string): string {
  if (PLAIN.test(word)) return word;
  return word === '\t' ? `$'\\t'` : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The command that says explicitly what was understood. */
export function explicitCommand(path: string, summary: Described, options: DatasetOptions): string {
  return [
    'sparserec import --data',
    path === 'standard input' ? '-' : quote(path),
    ...formatOptions(summary),
    ...columnOptions(summary),
    ...ratingOptions(summary, options),
    ...typeWeights(options),
    ...(options.skipInvalid ? ['--skip-invalid'] : []),
  ].join(' ');
}

/** An option holds for all files, so it is left away where they differ. */
function formatOptions({ format, delimiter, encoding, files, header }: Described): string[] {
  const read = files.filter(({ role }) => role !== 'ignored');
  const isTrain = format === 'train.txt';
  const isTable = delimiter !== null && !isTrain;
  return [
    ...(isTrain ? ['--format train.txt'] : []),
    ...(encoding !== null && read.every((file) => file.encoding === encoding)
      ? [`--encoding ${encoding}`]
      : []),
    ...(isTable && read.every((file) => file.delimiter === delimiter)
      ? [`--delimiter ${quote(delimiter)}`]
      : []),
    ...(isTable && read.every((file) => file.header === header) ? [header ? '--header' : '--no-header'] : []),
  ];
}

function columnOptions({ format, columns, ignoredColumns, timeFormat }: Described): string[] {
  if (format === 'train.txt') return [];
  const given = Object.entries(columns).filter(
    ([role, column]) => column !== null && !(role === 'time' && String(column).includes('+')),
  );
  const isParts = String(columns.time).includes('+');
  const ignored = ignoredColumns.filter((column) => !String(column).includes(','));
  return [
    `--columns ${quote(given.map(([role, column]) => `${role}=${column}`).join(','))}`,
    ...(ignored.length > 0 ? [`--ignore-columns ${quote(ignored.join(','))}`] : []),
    ...(timeFormat === null || isParts
      ? []
      : [`--time-format ${timeFormat === ISO_8601 ? 'iso' : quote(timeFormat)}`]),
  ];
}

function typeWeights({ typeWeights: weights }: DatasetOptions): string[] {
  if (!weights || weights.size === 0) return [];
  return [`--type-weight ${quote([...weights].map(([type, weight]) => `${type}=${weight}`).join(','))}`];
}

function ratingOptions({ ratings }: Described, options: DatasetOptions): string[] {
  if (!ratings) return [];
  const { rule, scale, likedFrom } = ratings;
  const rules = {
    scale: [],
    'min-rating': [`--min-rating ${likedFrom}`],
    weight: ['--rating-as-weight'],
    'all-positive': ['--all-ratings-positive'],
  }[rule];
  return [
    ...(scale === null ? [] : [`--scale ${scale}`]),
    ...rules,
    ...(options.unrated === 'like' ? ['--unrated like'] : []),
  ];
}
