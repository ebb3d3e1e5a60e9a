import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import {
  aheadOfClock,
  DEFAULT_INTERACTION_TYPE,
  DomainError,
  EARLIEST_OCCURRED_AT,
  EXTERNAL_ID_RULE,
  idRule,
  isExternalId,
  isId,
  LATEST_OCCURRED_AT,
  LIMITS,
  readAttribution,
  readRecommendationId,
  type Interaction,
  type RefusedRow,
} from '#domain';
import { checkUtf8 } from '../streams/utf8-check.js';

/** Formats of interaction rows. CSV and TSV have a header with these columns in any order. */
export type RowFormat = 'csv' | 'tsv' | 'jsonl';

const REQUIRED = ['userId', 'itemId'];
const COLUMNS = new Set([...REQUIRED, 'type', 'weight', 'occurredAt', 'recommendationId']);
/** Codes of csv-parse: too few or too many fields. */
const INCONSISTENT_ROW: ReadonlySet<string> = new Set([
  'CSV_RECORD_INCONSISTENT_COLUMNS',
  'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH',
]);
const MAX_ROW_BYTES = 64 * 1024;

export interface RowOptions {
  readonly format: RowFormat;
  /** When the import began. */
  readonly now: Date;
  /** How far ahead of the clock a row may be dated. */
  readonly clockToleranceSeconds: number;
  /** Told of each row that cannot be read, which is then left out; absent: such a row fails all. */
  readonly onInvalid?: ((refused: RefusedRow) => void) | undefined;
}

/**
 * Reads interactions row by row. `occurredAt` is ISO 8601, or a Unix time in seconds (below 10¹¹) or
 * milliseconds; null where a row has none.
 *
 * @throws DomainError `import-row-invalid` with the row number, counted from 1 with the
 * header, and the reason
 */
export async function* parseInteractionRows(
  stream: Readable,
  options: RowOptions,
): AsyncGenerator<Interaction> {
  // A stream that broke before anybody listened never says so again.
  if (stream.errored) throw stream.errored;
  const text = checkUtf8(stream, invalidRow);
  const rows =
    options.format === 'jsonl'
      ? readJsonLines(text)
      : readDelimited(text, options.format === 'csv' ? ',' : '\t', options.onInvalid);
  for await (const row of rows) {
    const interaction = readRow(row, options);
    if (interaction) yield interaction;
  }
}

type Fields = Readonly<Record<string, unknown>>;

interface Row {
  readonly row: number;
  readonly read: () => Fields;
}

/** @returns null when the row is left out */
function readRow({ row, read }: Row, options: RowOptions): Interaction | null {
  try {
    return { ...toInteraction(read(), row, options), row };
  } catch (error) {
    if (!options.onInvalid || !(error instanceof DomainError)) throw error;
    options.onInvalid({ row, reason: String(error.extensions['reason']) });
    return null;
  }
}

async function* readJsonLines(stream: Readable): AsyncGenerator<Row> {
  let row = 0;
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
    row++;
    if (line.trim() === '') continue;
    const number = row;
    yield { row, read: () => readObject(line, number) };
  }
}

function readObject(line: string, row: number): Fields {
  const fields = parseJson(line, row);
  const unknown = Object.keys(fields).find((name) => !COLUMNS.has(name));
  if (unknown !== undefined) throw invalidRow(row, `unknown field "${unknown.slice(0, 40)}"`);
  return fields;
}

function parseJson(line: string, row: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (cause) {
    throw invalidRow(row, 'not valid JSON', cause);
  }
  throw invalidRow(row, 'not a JSON object');
}

async function* readDelimited(
  stream: Readable,
  delimiter: string,
  onInvalid: RowOptions['onInvalid'],
): AsyncGenerator<Row> {
  const parser = parse({
    delimiter,
    bom: true,
    columns: checkHeader,
    skip_empty_lines: true,
    max_record_size: MAX_ROW_BYTES,
    info: true,
    // Only a row of too few or too many fields has an end that is sure.
    skip_records_with_error: onInvalid !== undefined,
    on_skip: (error) => {
      if (!error || !INCONSISTENT_ROW.has(error.code)) throw error ?? new Error('a row was skipped');
      onInvalid?.({ row: Number(error['lines']), reason: error.message });
      return undefined;
    },
  });
  stream.on('error', (error) => parser.destroy(error));
  try {
    for await (const { record, info } of stream.pipe(parser) as AsyncIterable<{
      record: Record<string, string>;
      info: { lines: number };
    }>) {
      yield { row: info.lines, read: () => record };
    }
  } catch (error) {
    if (!(error instanceof Error) || !('lines' in error)) throw error;
    throw invalidRow(Number(error.lines), error.message, error);
  }
}

function checkHeader(header: string[]): string[] {
  const unknown = header.find((name) => !COLUMNS.has(name));
  if (unknown !== undefined)
    throw invalidRow(1, `unknown column "${unknown.slice(0, 40)}"; known are ${[...COLUMNS].join(', ')}`);
  const missing = REQUIRED.find((name) => !header.includes(name));
  if (missing !== undefined) throw invalidRow(1, `column ${missing} is missing`);
  return header;
}

function toInteraction(fields: Fields, row: number, options: RowOptions): Interaction {
  return {
    userId: externalId(fields['userId'], 'userId', row),
    itemId: externalId(fields['itemId'], 'itemId', row),
    type: interactionType(fields['type'], row),
    weight: weight(fields['weight'], row),
    occurredAt: instant(fields['occurredAt'], row, options),
    ...recommendedBy(fields['recommendationId'], row, options.now),
  };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === '';
}

function externalId(value: unknown, name: string, row: number): string {
  if (typeof value === 'string' && isExternalId(value)) return value;
  throw invalidRow(row, `${name} ${EXTERNAL_ID_RULE}`);
}

function interactionType(value: unknown, row: number): string {
  if (isAbsent(value)) return DEFAULT_INTERACTION_TYPE;
  if (typeof value === 'string' && isId(value, LIMITS.interactionTypeLength)) return value;
  throw invalidRow(row, `type ${idRule(LIMITS.interactionTypeLength)}`);
}

function recommendedBy(value: unknown, row: number, now: Date): Pick<Interaction, 'recommendedBy'> {
  if (isAbsent(value)) return {};
  if (typeof value === 'string' && readRecommendationId(value))
    return { recommendedBy: readAttribution(value, now) ?? undefined };
  throw invalidRow(row, 'recommendationId must be one that an answer had');
}

function weight(value: unknown, row: number): number {
  if (isAbsent(value)) return 1;
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number === 'number' && Math.fround(number) > 0 && number <= LIMITS.weight) return number;
  throw invalidRow(row, `weight must be a number above 0 and at most ${LIMITS.weight}`);
}

const LARGEST_SECONDS = 1e11;

function instant(value: unknown, row: number, { clockToleranceSeconds }: RowOptions): Date | null {
  if (isAbsent(value)) return null;
  const number = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  const date =
    typeof number === 'number'
      ? new Date(Math.abs(number) < LARGEST_SECONDS ? number * 1_000 : number)
      : new Date(String(number));
  if (!(date >= EARLIEST_OCCURRED_AT && date <= LATEST_OCCURRED_AT))
    throw invalidRow(
      row,
      'occurredAt must be an ISO 8601 time or a Unix time between the years 1900 and 2200',
    );
  const reason = aheadOfClock(date, clockToleranceSeconds);
  if (reason !== null) throw invalidRow(row, `occurredAt ${reason}`);
  return date;
}

function invalidRow(row: number, reason: string, cause?: unknown): DomainError {
  return new DomainError('import-row-invalid', `Row ${row}: ${reason}`, {
    cause,
    extensions: { row, reason },
  });
}
