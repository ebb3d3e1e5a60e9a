/** Steps after which items may be too few, in the order in which they are taken. */
const STEPS = [
  'exist',
  'left-unseen',
  'left-after-exclude',
  'left-after-filter',
  'left-after-boost',
  'related',
  'left-after-min-score',
] as const;
type Step = (typeof STEPS)[number];

/** Why a list is empty (`no-items-…`) or shorter than asked for (`fewer-items-…`). */
export type Shortfall =
  'no-model' | 'item-not-in-model' | 'end-of-pages' | `no-items-${Step}` | `fewer-items-${Step}`;

export const SHORTFALLS: readonly Shortfall[] = [
  'no-model',
  'item-not-in-model',
  'end-of-pages',
  ...STEPS.flatMap((step): Shortfall[] => [`no-items-${step}`, `fewer-items-${step}`]),
];

/** How many items were left after each step that the list took. */
export type StepCounts = { readonly [step in Step]?: number };

/** The first step after which too few were left: none for an empty list, fewer than k for a short one. */
export function shortfall(found: number, k: number, counts: StepCounts): Shortfall | undefined {
  if (found >= k) return undefined;
  const needed = found === 0 ? 1 : k;
  const taken = STEPS.filter((step) => counts[step] !== undefined);
  const step = taken.find((name) => counts[name]! < needed) ?? taken.at(-1) ?? 'exist';
  return found === 0 ? `no-items-${step}` : `fewer-items-${step}`;
}
