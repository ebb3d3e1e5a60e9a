/**
 * What a user's repeated interactions of one type with one item count: the largest, their sum, or the newest.
 */
export const REPEATS_RULES = ['max', 'sum', 'newest'] as const;
export type RepeatsRule = (typeof REPEATS_RULES)[number];

/** How interactions of one type enter the user-item matrix. */
export interface InteractionType {
  readonly name: string;
  /** Factor of every weight of this type, above 0. */
  readonly trainingWeight: number;
  /** Days after which a weight counts half; null: it never fades. */
  readonly halfLifeDays: number | null;
  /** False: takes the item out of the user's row, unless a newer positive interaction brings it back. */
  readonly positive: boolean;
  /** False: does not take the item out of the user's lists. */
  readonly excludesSeen: boolean;
  /** Days after the newest one of a pair after which the item is out no longer; null: it stays out. */
  readonly repeatAfterDays: number | null;
  readonly repeats: RepeatsRule;
}
