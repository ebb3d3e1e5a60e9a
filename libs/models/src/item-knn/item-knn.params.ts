import { z } from 'zod';
import { STORAGE_TYPES } from '../artifact/row-storage.js';
import type { SearchSpace } from '../recommender.js';

const kept = {
  entriesPerRow: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(200)
    .describe('neighbours: entries of S that are kept for each past item'),
  storage: z
    .enum(STORAGE_TYPES)
    .default('int8')
    .describe('number type of a stored entry; int8 has one scale per past item'),
};

const cosine = z.strictObject({
  weighting: z.literal('cosine'),
  shrinkage: z
    .number()
    .min(0)
    .max(1e6)
    .default(0)
    .describe('h: added to the denominator, so that pairs with few users count less'),
  ...kept,
});

const bm25 = z.strictObject({
  weighting: z.literal('bm25'),
  k1: z
    .number()
    .min(0)
    .max(1e6)
    .default(1.2)
    .describe('K1: how much the length of an item counts, and how slowly its values saturate'),
  b: z.number().min(0).max(1).default(0.5).describe('B: 0 ignores how many users an item has'),
  ...kept,
});

const turboCf = z.strictObject({
  weighting: z.literal('turbo-cf'),
  degreeExponent: z
    .number()
    .min(0)
    .max(1)
    .default(0.6)
    .describe('α: users are scaled by their degree to −α, items to α − 1'),
  power: z.number().gt(0).max(10).default(0.7).describe('s: power of each entry of the item-item product'),
  ...kept,
});

const DEFAULT_WEIGHTING = 'bm25';

/** Hyperparameters of item-knn: each weighting has its own, and refuses those of the others. */
export const itemKnnParameters = z.preprocess(
  (given) =>
    typeof given === 'object' && given !== null && !('weighting' in given)
      ? { weighting: DEFAULT_WEIGHTING, ...given }
      : given,
  z.discriminatedUnion('weighting', [bm25, turboCf, cosine]),
);
export type ItemKnnParameters = z.infer<typeof itemKnnParameters>;

const neighbours = { values: [20, 50, 100, 200, 500, 1_000], start: 200 };

/** What tuning tries: one weighting after the other. */
export const itemKnnSearchSpace: readonly SearchSpace[] = [
  {
    weighting: { values: ['bm25'], start: 'bm25' },
    k1: { values: [0.1, 0.3, 0.6, 1.2, 2.5, 5, 10, 100], start: 1.2 },
    b: { values: [0, 0.25, 0.5, 0.75, 1], start: 0.5 },
    entriesPerRow: neighbours,
  },
  {
    weighting: { values: ['turbo-cf'], start: 'turbo-cf' },
    degreeExponent: { values: [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], start: 0.6 },
    power: { values: [0.5, 0.7, 1, 1.4, 2, 3], start: 0.7 },
    entriesPerRow: neighbours,
  },
  {
    weighting: { values: ['cosine'], start: 'cosine' },
    shrinkage: { values: [0, 1, 3, 10, 30, 100], start: 3 },
    entriesPerRow: neighbours,
  },
];
