/**
 * Kinds of rows in the file of everything on one person, by its field `kind`: what PostgreSQL has, and from
 * `rotation` on what the cache holds.
 */
export const PERSON_ROW_KINDS = [
  'user',
  'interaction',
  'late-interaction',
  'attribution',
  'merged-id',
  'rotation',
  'cached-history',
  'cached-list',
] as const;
export type PersonRowKind = (typeof PERSON_ROW_KINDS)[number];

const KINDS: ReadonlySet<unknown> = new Set(PERSON_ROW_KINDS);
const INTERACTIONS: readonly PersonRowKind[] = ['interaction', 'late-interaction'];
const OTHERS: ReadonlySet<unknown> = new Set(PERSON_ROW_KINDS.filter((kind) => !INTERACTIONS.includes(kind)));

/** Whether a row of such a file is no interaction, by its field `kind`. */
export function isOtherPersonRow(kind: unknown): kind is PersonRowKind {
  return OTHERS.has(kind);
}

/** Whether a row of such a file is not the one that says what is known of the user. */
export function isNoUserRow(kind: unknown): kind is PersonRowKind {
  return kind !== 'user' && KINDS.has(kind);
}
