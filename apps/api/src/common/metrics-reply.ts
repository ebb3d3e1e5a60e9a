import { z } from 'zod';
import type { Metrics } from '#domain';

/** Figures by name, each with its interval. */
export const metricsReply = z.record(z.string(), z.object({ mean: z.number(), ci95: z.array(z.number()) }));

export function toMetricsReply(figures: Metrics): z.infer<typeof metricsReply> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, { mean, ci95 }]) => [name, { mean, ci95: [...ci95] }]),
  );
}
