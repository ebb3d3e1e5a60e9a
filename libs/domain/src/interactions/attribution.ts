import { readRecommendationId } from '../recommendation-id.js';

/** What became of the lists of one model. */
export interface Attribution {
  /** Lists that it has answered. */
  readonly recommendations: number;
  /** Stored interactions that named one of these lists, by type. */
  readonly interactions: readonly { readonly type: string; readonly count: number }[];
}

/** How long after its answer a list is counted for. */
export const ATTRIBUTION_DAYS = 30;
/** Clocks of two processes may differ by less. */
const LARGEST_CLOCK_DIFFERENCE_DAYS = 1;
/** What was counted is remembered for as long as any process may count for the list. */
export const ATTRIBUTION_KEPT_DAYS = ATTRIBUTION_DAYS + LARGEST_CLOCK_DIFFERENCE_DAYS;

const DAY_MS = 86_400_000;

/** The answer of a model that led to an interaction. */
export interface RecommendedBy {
  readonly modelId: string;
  readonly issuedAt: Date;
  /** Tells answers of one millisecond apart. */
  readonly number: number;
}

/**
 * @returns null when no service has issued the id, there was no model, or its time is not within
 * what is counted for
 */
export function readAttribution(recommendationId: string, now: Date): RecommendedBy | null {
  const issued = readRecommendationId(recommendationId);
  if (!issued) return null;
  const { modelId, issuedAt, number } = issued;
  const ageDays = (now.getTime() - issuedAt.getTime()) / DAY_MS;
  const counts = ageDays <= ATTRIBUTION_DAYS && ageDays >= -LARGEST_CLOCK_DIFFERENCE_DAYS;
  return modelId !== null && counts ? { modelId, issuedAt, number } : null;
}
