import { z } from 'zod';
import { READOUTS } from '#sparse';
import { STORAGE_TYPES } from '../artifact/row-storage.js';
import { entriesPerRow } from '../linear/entries-per-row.js';

/** Hyperparameters of EASE. */
export const easeParameters = z.strictObject({
  regularization: z
    .number()
    .gt(0)
    .max(1e6)
    .default(300)
    .describe('λ added to the diagonal of the Gram matrix'),
  dropout: z
    .number()
    .min(0)
    .max(0.99)
    .default(0)
    .describe(
      'p: adds p/(1 − p) of its own count to each diagonal entry, so that popular items lean on others',
    ),
  userWeightExponent: z
    .number()
    .min(0)
    .max(2)
    .default(0)
    .describe('β: a user with d interactions counts d^−β'),
  form: z
    .enum(['auto', 'primal', 'dual', 'blocks'])
    .default('auto')
    .describe(
      'solve on the side of the items or of the users: the model is the same; blocks: solve overlapping blocks of items, each by itself, which comes close to it at a fraction of the cost; auto: blocks for large and sparse data, else the cheaper side',
    ),
  blockSize: z
    .number()
    .int()
    .min(1)
    .max(16_384)
    .default(4_096)
    .describe('S: items of one block, of form blocks'),
  coreSize: z
    .number()
    .int()
    .min(1)
    .max(8_192)
    .default(1_024)
    .describe(
      'C: items of a block that it is solved for, the others are around them; at most blockSize are taken',
    ),
  readout: z
    .enum(READOUTS)
    .default('mean')
    .describe(
      'which block says the weight from one item to another, of form blocks: the mean of the blocks of both, or the block of the one that is recommended (column), or of the past one (row)',
    ),
  entriesPerRow,
  storage: z
    .enum(STORAGE_TYPES)
    .default('int8')
    .describe('number type of a stored entry; int8 has one scale per past item'),
});
export type EaseParameters = z.infer<typeof easeParameters>;

/** What tuning tries: λ by doubling, and all of the range of the others that has been seen to help. */
export const easeSearchSpace = {
  regularization: {
    values: [5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560],
    start: 160,
    tradesWith: ['dropout', 'userWeightExponent'],
  },
  dropout: {
    values: [0, 0.1, 0.2, 0.33, 0.5, 0.65, 0.8],
    start: 0,
    tradesWith: ['userWeightExponent'],
  },
  userWeightExponent: { values: [0, 0.25, 0.5, 0.75, 1], start: 0 },
  readout: { values: ['column', 'mean', 'row'], start: 'mean', onlyWith: { form: 'blocks' } },
};
