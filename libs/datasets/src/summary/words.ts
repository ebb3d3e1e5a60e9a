import type { LeftOut } from './left-out.js';

const DELIMITER_NAMES: Readonly<Record<string, string>> = { '\t': 'tab', ' ': 'blanks' };

interface DescribedTable {
  readonly format: string;
  readonly delimiter: string | null;
  readonly encoding: string | null;
  readonly header: boolean;
}

/** Format, delimiter, header and encoding of a table. */
export function describeTable({ format, delimiter, encoding, header }: DescribedTable): string {
  return [
    format,
    ...(delimiter === null ? [] : [`cells apart by ${DELIMITER_NAMES[delimiter] ?? `"${delimiter}"`}`]),
    ...(delimiter === null || format === 'train.txt' ? [] : [header ? 'with a header' : 'without a header']),
    ...(encoding === null ? [] : [encoding]),
  ].join(', ');
}

/** How many rows, why, and the lines of the first. */
export function describeLeftOut({ reason, rows, firstLines }: LeftOut): string {
  const more = rows > firstLines.length ? ', …' : '';
  const lines = `${firstLines.length === 1 ? 'line' : 'lines'} ${firstLines.join(', ')}${more}`;
  return `${count(rows, 'row')}: ${reason}${firstLines.length === 0 ? '' : ` (${lines})`}`;
}

export function count(quantity: number, noun: string): string {
  return `${number(quantity)} ${noun}${quantity === 1 ? '' : 's'}`;
}

export function number(quantity: number): string {
  return quantity.toLocaleString('en');
}
