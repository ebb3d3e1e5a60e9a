import { z } from 'zod';
import type { Issue } from './problem/validation-problem.js';

/** What is right where a query has a name that its schema does not; null where nothing is known. */
type Remedy = (name: string, known: ReadonlySet<string>) => string | null;

const remedies = new WeakMap<object, Remedy>();

/** A query whose parameters have other names elsewhere: a wrong name is answered with the right one. */
export function withRemedies<Schema extends z.ZodObject>(schema: Schema, remedyOf: Remedy): Schema {
  remedies.set(schema, remedyOf);
  return schema;
}

export function hasRemedies(schema: object): boolean {
  return remedies.has(schema);
}

/** The same issues, with what is right instead of unknown parameters. */
export function withRemediesSaid(schema: object, issues: readonly Issue[]): Issue[] {
  const remedyOf = remedies.get(schema);
  if (!remedyOf || !(schema instanceof z.ZodObject)) return [...issues];
  const known = new Set(Object.keys(schema.shape));
  return issues.flatMap((issue) => {
    if (!issue.keys || (issue.path ?? []).length > 0) return issue;
    return issue.keys.map((key): Issue => {
      const remedy = remedyOf(String(key), known);
      return { path: [key], message: remedy === null ? 'unknown field' : `unknown field; ${remedy}` };
    });
  });
}
