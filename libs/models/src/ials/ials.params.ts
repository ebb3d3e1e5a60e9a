import { z } from 'zod';
import { STORAGE_TYPES } from '../artifact/row-storage.js';

/** Hyperparameters of iALS. */
export const ialsParameters = z.strictObject({
  factors: z.number().int().min(1).max(1_024).default(128).describe('d: length of an embedding'),
  regularization: z
    .number()
    .gt(0)
    .max(1e6)
    .default(0.008)
    .describe('λ: penalty on the squared length of an embedding, times a power of its weight in the loss'),
  regularizationExponent: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('ν: 0 penalises all embeddings alike, 1 in proportion to their weight in the loss'),
  unobservedWeight: z
    .number()
    .min(1e-6)
    .max(1e3)
    .default(0.1)
    .describe(
      'a₀: weight of the target 0 of every pair, beside the weight x_ui of the target 1 of an observed one',
    ),
  epochs: z.number().int().min(1).max(500).default(16).describe('solutions of all users, then of all items'),
  storage: z
    .enum(STORAGE_TYPES)
    .default('f16')
    .describe('number type of a stored factor; int8 has one scale per item'),
});
export type IalsParameters = z.infer<typeof ialsParameters>;

/**
 * What tuning tries, by doubling, on the scale of ν = 1; `factors`, `epochs` and ν are for
 * the caller to choose.
 */
export const ialsSearchSpace = {
  regularization: {
    values: [0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128],
    start: 0.008,
    tradesWith: ['unobservedWeight'],
  },
  unobservedWeight: { values: [0.0125, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6], start: 0.1 },
};
