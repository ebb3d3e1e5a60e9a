import { z } from 'zod';
import { STORAGE_TYPES } from '../artifact/row-storage.js';
import type { SearchSpace } from '../recommender.js';

/** Sides above this size are sampled unless told otherwise. */
const LARGEST_EXACT_SIDE = 1_000;

/** What an epoch's steps aim at where no `batchSize` is given, and between which powers of two. */
const STEPS_PER_EPOCH = 24;
const SMALLEST_BATCH = 2 ** 8;
const LARGEST_BATCH = 2 ** 14;
/** Size of a step of the largest batch. */
const LARGEST_RATE = 0.005;

/**
 * Hyperparameters of LightGCL. The published code has λ1 = 0.2, λ2 = 10⁻⁷, batches of 4,096, 100 epochs and
 * exact denominators; the defaults here were chosen on the validation parts of LastFM and MovieLens 1M.
 */
export const lightgclParameters = z.strictObject({
  factors: z.number().int().min(1).max(512).default(64).describe('length of an embedding'),
  layers: z.number().int().min(1).max(4).default(2).describe('L: hops of propagation'),
  epochs: z.number().int().min(1).max(1_000).default(200).describe('largest number of passes over the data'),
  learningRate: z
    .number()
    .gt(0)
    .max(1)
    .exactOptional()
    .describe('size of a step of Adam; absent: 0.005·√(batchSize / 16,384)'),
  batchSize: z
    .number()
    .int()
    .min(1)
    .max(65_536)
    .exactOptional()
    .describe('interactions of one step; absent: about a 24th of all, a power of two from 256 to 16,384'),
  contrastWeight: z
    .number()
    .min(0)
    .max(10)
    .default(1e-5)
    .describe('λ1: weight of the contrastive loss; 0 is LightGCN'),
  temperature: z.number().min(0.01).max(10).default(0.2).describe('τ of the contrastive loss'),
  regularization: z.number().min(0).max(1).default(3e-6).describe('λ2: weight of Σθ² over all embeddings'),
  svdRank: z.number().int().min(1).max(20).default(5).describe('q: singular vectors of the second view'),
  contrast: z
    .enum(['auto', 'exact', 'sampled'])
    .default('auto')
    .describe(
      'denominators over all users and items, over a sample, or over a sample of a side above 1,000 only',
    ),
  contrastSamples: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(256)
    .describe('users, and items, drawn in each step for sampled denominators'),
  patience: z
    .number()
    .int()
    .min(0)
    .max(1_000)
    .default(30)
    .describe(
      'epochs without a better validation NDCG@20 until training stops; 0 trains all epochs on all of the data',
    ),
  storage: z.enum(STORAGE_TYPES).default('f16').describe('number type of a stored factor'),
});
export type LightgclParameters = z.infer<typeof lightgclParameters>;

/**
 * What tuning tries: what has been seen to matter most. The number of epochs is chosen on
 * validation within each fit.
 */
export const lightgclSearchSpace: SearchSpace = {
  regularization: { values: [1e-7, 5e-7, 1e-6, 2e-6, 3e-6, 5e-6, 8e-6, 1.6e-5], start: 3e-6 },
  contrastWeight: { values: [0, 1e-5, 1e-4, 1e-3], start: 1e-5 },
  layers: { values: [1, 2, 3], start: 2 },
};

/** Parameters with what a step is made of. */
export type PacedParameters = LightgclParameters & {
  readonly batchSize: number;
  readonly learningRate: number;
};

/**
 * The parameters for a fit to `nnz` interactions. What is absent is derived from the data: few interactions
 * need small batches to have steps enough, many need large ones to have epochs soon, and the size of a step
 * grows with the square root of the batch.
 */
export function pace(parameters: LightgclParameters, nnz: number): PacedParameters {
  const power = 2 ** Math.round(Math.log2(Math.max(1, nnz / STEPS_PER_EPOCH)));
  const batchSize = parameters.batchSize ?? Math.min(LARGEST_BATCH, Math.max(SMALLEST_BATCH, power));
  const rate = Math.min(1, LARGEST_RATE * Math.sqrt(batchSize / LARGEST_BATCH));
  return { ...parameters, batchSize, learningRate: parameters.learningRate ?? rate };
}

/** Nodes in a denominator of the contrast on a side of `size` nodes. */
export function denominatorNodes(
  size: number,
  { contrast, contrastSamples }: Pick<LightgclParameters, 'contrast' | 'contrastSamples'>,
): number {
  const isSampled = contrast === 'sampled' || (contrast === 'auto' && size > LARGEST_EXACT_SIDE);
  return isSampled ? Math.min(size, contrastSamples) : size;
}
