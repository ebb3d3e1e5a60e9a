import { z } from 'zod';

const LEAST = 200;
const MOST = 10_000;
/** Entries in all that `auto` takes: 20 MB where they are stored in int8. */
const TOTAL = 4_000_000;

/** Parameter of models whose item-to-item weights are pruned for serving. */
export const entriesPerRow = z
  .union([z.literal('auto'), z.number().int().min(1).max(MOST)], {
    error: `must be auto or a whole number from 1 to ${MOST}`,
  })
  .default('auto')
  .describe(
    `weights that are served for each past item, those of largest magnitude; auto: ${TOTAL / 1e6} million in all, at least ${LEAST} each`,
  );

/** Entries that are kept of each row of weights between `numItems` items. */
export function countEntries(parameter: z.infer<typeof entriesPerRow>, numItems: number): number {
  const count = parameter === 'auto' ? Math.max(LEAST, Math.floor(TOTAL / numItems)) : parameter;
  return Math.max(1, Math.min(count, numItems));
}
