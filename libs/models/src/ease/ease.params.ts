import { z } from 'zod';

/** Hyperparameters of EASE. */
export const easeParameters = z.strictObject({
  regularization: z
    .number()
    .gt(0)
    .max(1e6)
    .default(300)
    .describe('λ added to the diagonal of the Gram matrix'),
  entriesPerRow: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(200)
    .describe('entries of B that are served for each past item'),
});
export type EaseParameters = z.infer<typeof easeParameters>;
