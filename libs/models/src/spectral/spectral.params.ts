import { z } from 'zod';
import { STORAGE_TYPES } from '../artifact/row-storage.js';
import { entriesPerRow } from '../linear/entries-per-row.js';
import type { SearchSpace } from '../recommender.js';

export const READOUTS = ['linear', 'chebyshev', 'svd'] as const;

/** Parameters of item embeddings by singular vectors, which `blend` has as well. */
export const embeddingParameters = {
  rank: z
    .number()
    .int()
    .min(1)
    .max(4_096)
    .default(256)
    .describe('number of singular vectors; at most the smaller of users and items are taken'),
  userExponent: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('a user with d interactions is divided by d to this power'),
  itemExponent: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('an item with c interactions is divided by c to this power'),
  scalingExponent: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('b: the ideal low-pass part is D^−b·V·Vᵀ·D^b for the interactions D of the items'),
  svdTolerance: z
    .number()
    .min(1e-6)
    .max(0.1)
    .default(1e-3)
    .describe('largest residual ‖RᵀR·v − σ²·v‖ / σ₁² of a singular vector'),
};

/** Hyperparameters of the spectral filters. */
export const spectralParameters = z.strictObject({
  readout: z
    .enum(READOUTS)
    .default('linear')
    .describe(
      'linear + ideal low-pass (GF-CF), Chebyshev + ideal low-pass (ChebyCF), or ideal low-pass alone',
    ),
  ...embeddingParameters,
  idealWeight: z
    .number()
    .min(0)
    .max(10)
    .default(0.3)
    .describe('a: weight of the ideal low-pass part beside the linear or Chebyshev one'),
  flatness: z
    .number()
    .min(0.1)
    .max(100)
    .default(1.5)
    .describe('φ: how flat the plateau of the Chebyshev filter is; other read-outs have none'),
  entriesPerRow,
  storage: z
    .enum(STORAGE_TYPES)
    .default('int8')
    .describe('number type of stored entries and factors; int8 has one scale per item'),
});
export type SpectralParameters = z.infer<typeof spectralParameters>;
export type EmbeddingParameters = Pick<SpectralParameters, keyof typeof embeddingParameters>;

const RANKS = { values: [32, 64, 128, 256, 512], start: 128 };
const WEIGHTS = { values: [0.05, 0.1, 0.2, 0.3, 0.5, 0.8], start: 0.3 };
const SCALING = { values: [0, 0.1, 0.2, 0.3, 0.4, 0.5], start: 0.4 };

/** One space a read-out. */
export const spectralSearchSpace: readonly SearchSpace[] = [
  {
    readout: { values: ['linear'], start: 'linear' },
    rank: RANKS,
    idealWeight: WEIGHTS,
    scalingExponent: SCALING,
  },
  {
    readout: { values: ['chebyshev'], start: 'chebyshev' },
    rank: RANKS,
    idealWeight: WEIGHTS,
    scalingExponent: SCALING,
    flatness: { values: [1, 1.5, 3, 10], start: 1.5 },
  },
];
