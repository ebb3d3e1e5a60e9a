import { DomainError } from '#domain';

/** A refusal of one row. Its number is that of its line, from 1 with the header. */
export function refusedRow(name: string, line: number, reason: string, cause?: unknown): DomainError {
  return new DomainError('import-row-invalid', `${name}, line ${line}: ${reason}`, {
    cause,
    extensions: { row: line, reason },
  });
}
