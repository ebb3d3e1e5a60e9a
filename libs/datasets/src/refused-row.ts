import { DomainError } from '#domain';

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
