import { DomainError, type FieldError } from '#domain';

const ROOT = '#';

export interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  /** Unknown fields at the path. */
  readonly keys?: readonly PropertyKey[];
}

/** Says every invalid field by JSON pointer, unknown ones by their own name. */
export function validationProblem(issues: readonly Issue[]): DomainError {
  const errors = issues.flatMap(toFieldErrors);
  const detail = errors.length === 1 ? '1 field is invalid' : `${errors.length} fields are invalid`;
  return new DomainError('validation-failed', detail, { errors });
}

/** The same in one line, for a row that is left out. */
export function reasonOf(issues: readonly Issue[]): string {
  const reasons = issues
    .flatMap(toFieldErrors)
    .map(({ pointer, detail }) => (pointer === ROOT ? detail : `${pointer.slice(2)}: ${detail}`));
  return reasons.join('; ');
}

function toFieldErrors(issue: Issue): FieldError[] {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  const keys = (issue.keys ?? []).map(String);
  if (keys.length === 0) return [{ pointer: pointer(path), detail: issue.message }];
  return keys.map((key) => ({ pointer: pointer([...path, key]), detail: 'unknown field' }));
}

function pointer(path: readonly string[]): string {
  return [ROOT, ...path.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');
}
