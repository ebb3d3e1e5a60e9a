import { DomainError } from '#domain';
import type { Mapping } from './columns/mapping.js';
import type { MappedTable } from './formats/choose-tables.js';
import type { InvalidValue } from './values/invalid-value.js';

/** Where a row stands: its line, counted from 1 with the header, or its place where there are no lines. */
export interface RowPlace {
  readonly name: string;
  readonly line: number;
  readonly unit?: 'line' | 'row' | undefined;
}

/** A refusal of one row. */
export function refusedRow(
  { name, line, unit = 'line' }: RowPlace,
  reason: string,
  cause?: unknown,
): DomainError {
  return new DomainError('import-row-invalid', `${name}, ${unit} ${line}: ${reason}`, {
    cause,
    extensions: { row: line, reason },
  });
}

/** A refusal of a row for one of its values: with the line, the reason, and what to do. */
export function refusedValue(
  { table, mapping }: Pick<MappedTable, 'table'> & Partial<MappedTable>,
  line: number,
  error: InvalidValue,
): DomainError {
  const ways = [
    'correct it',
    ...error.remedies,
    'leave out such rows by --skip-invalid',
    ...(mapping ? ignoring(error, mapping) : []),
  ];
  const remedy = `${ways.slice(0, -1).join(', ')} or ${ways.at(-1)}`;
  const { message } = error;
  const reason = message.endsWith('?') ? `${message} ${remedy.replace(/^c/, 'C')}` : `${message}; ${remedy}`;
  return refusedRow({ name: table.source.name, line, unit: table.unit }, reason);
}

/** No row is without its ids. */
function ignoring({ role }: InvalidValue, { columns, dateParts }: Mapping): readonly string[] {
  if (role === undefined || role === 'user' || role === 'item') return [];
  const column = columns[role];
  const labels = (column ? [column] : role === 'time' ? dateParts : []).map(({ label }) => String(label));
  if (labels.length === 0 || labels.some((label) => label.includes(','))) return [];
  return [
    `leave ${labels.length === 1 ? 'the column' : 'the columns'} out by --ignore-columns ${quotedIfNeeded(labels.join(','))}`,
  ];
}

function quotedIfNeeded(word: string): string {
  return /^[\w.,:/-]+$/.test(word) ? word : `"${word}"`;
}
