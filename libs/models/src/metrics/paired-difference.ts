import type { MetricSummary } from '#domain';
import { summarize } from './bootstrap.js';

/**
 * Mean of d_u = a_u − b_u for two models' values of the same users, with its 95 % interval over resampled
 * users. Pairing takes out what makes users easy or hard for both, so it is narrower than what the two
 * means' own intervals say; an interval that does not hold 0 is a difference that other users of the same
 * kind would show as well.
 *
 * @throws RangeError when the values are not of equally many users
 */
export function pairedDifference(a: Float64Array, b: Float64Array, seed: number): MetricSummary {
  if (a.length !== b.length) throw new RangeError(`${a.length} and ${b.length} users cannot be paired`);
  return summarize(
    a.map((value, user) => value - b[user]!),
    seed,
  );
}
