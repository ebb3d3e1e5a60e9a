import type { MetricSummary } from '#domain';
import { seededRandom } from '#sparse';

const RESAMPLES = 1_000;

/**
 * Mean with a 95 % percentile interval over resampled users (Efron 1979). Answers 0 for no user.
 */
export function summarize(values: Float64Array, seed: number): MetricSummary {
  if (values.length === 0) return { mean: 0, ci95: [0, 0] };
  const random = seededRandom(seed);
  const means = new Float64Array(RESAMPLES).map(() => {
    let sum = 0;
    for (let draw = 0; draw < values.length; draw++) sum += values[Math.floor(random() * values.length)]!;
    return sum / values.length;
  });
  means.sort();
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, ci95: [means[Math.floor(RESAMPLES * 0.025)]!, means[Math.ceil(RESAMPLES * 0.975) - 1]!] };
}
