import { DomainError } from '#domain';

const FILE_OPTIONS = ['data', 'items', 'users', 'settings', 'train', 'valid', 'test'] as const;
const NAMES: ReadonlySet<string | undefined> = new Set(['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']);

/**
 * Standard input can be read once.
 *
 * @throws DomainError `validation-failed` that names two options if both are to read it
 */
export function checkReadOnce(
  options: Readonly<Partial<Record<(typeof FILE_OPTIONS)[number], string>>>,
): void {
  const [first, second] = FILE_OPTIONS.filter((name) => NAMES.has(options[name]));
  if (second === undefined) return;
  throw new DomainError(
    'validation-failed',
    `--${first} and --${second} are both standard input, which can be read once only; give one of them as a file`,
  );
}
