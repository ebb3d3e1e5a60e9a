import { isNativeError } from 'node:util/types';
import { DomainError } from '#domain';

/** A refusal of a whole source; `reason` ends with what to do about it. */
export function sourceInvalid(name: string, reason: string, cause?: unknown): DomainError {
  return new DomainError('import-source-invalid', `${name}: ${reason}`, { cause });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist; check the path',
  EACCES: 'it may not be read; change its permissions',
  EPERM: 'it may not be read; change its permissions',
  Z_BUF_ERROR: 'the packed data ends too early; copy or download the file again',
  Z_DATA_ERROR: 'the packed data is damaged; copy or download the file again',
};

/** Faults of the file system and of unpacking in words; anything else is a bug and stays as it is. */
export function explain(name: string, error: unknown): unknown {
  if (!isNativeError(error) || !('errno' in error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  return sourceInvalid(name, REASONS[code ?? ''] ?? `it cannot be read (${error.message})`, error);
}
