import { z } from 'zod';
import { easeParameters, easeSearchSpace } from '../ease/ease.params.js';
import type { SearchSpace } from '../recommender.js';
import { embeddingParameters } from '../spectral/spectral.params.js';

/** Hyperparameters of both parts. */
export const blendParameters = z.strictObject({
  ...easeParameters.shape,
  ...embeddingParameters,
  idealWeight: z
    .number()
    .min(0)
    .max(10)
    .default(0.2)
    .describe('w: weight of the ideal low-pass part beside EASE'),
});
export type BlendParameters = z.infer<typeof blendParameters>;

/**
 * The rank comes first: singular vectors of too low a rank would have the weight end at 0, where
 * no other parameter matters.
 */
export const blendSearchSpace: SearchSpace = {
  rank: { values: [32, 64, 128, 256, 512, 768], start: 256 },
  idealWeight: { values: [0, 0.05, 0.1, 0.2, 0.3, 0.5], start: 0.1 },
  scalingExponent: { values: [0, 0.2, 0.3, 0.4, 0.5], start: 0.4 },
  userExponent: { values: [0.3, 0.4, 0.5], start: 0.4 },
  ...easeSearchSpace,
};
