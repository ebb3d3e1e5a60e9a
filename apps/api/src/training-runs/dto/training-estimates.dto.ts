import { z } from 'zod';
import { modelKind, parameters } from '../../common/schemas.js';

export const estimateRequest = z
  .strictObject({
    model: modelKind,
    parameters: parameters.default({}).describe('hyperparameters of the kind; defaults fill the rest'),
  })
  .meta({ id: 'TrainingEstimateRequest', example: { model: 'ease', parameters: { regularization: 300 } } });
export type EstimateRequest = z.infer<typeof estimateRequest>;

export const estimateReply = z
  .object({
    numUsers: z.number().int(),
    numItems: z.number().int(),
    numInteractions: z.number().int().describe('stored ones, from a sample where there are many'),
    bytes: z.number().describe('memory at the peak of the run'),
    budgetBytes: z
      .number()
      .describe(
        'TRAINING_MEMORY_MB of the process that answers: a worker with this one refuses what needs more',
      ),
    seconds: z.number().describe('from the start of the run to its end, without a leaderboard'),
    basis: z
      .enum(['same-kind', 'other-kind', 'assumed'])
      .describe(
        'what `seconds` is worked out from: what the last run of the kind took, or that of another kind, or a speed that machines have where there was none',
      ),
  })
  .meta({ id: 'TrainingEstimate' });
export type EstimateReply = z.infer<typeof estimateReply>;
