import { TRAINING_RUN_STATUSES, TRAINING_STAGES, type TrainingRun } from '@app/domain';
import { modelRegistry } from '@app/models';
import { z } from 'zod';
import { pageOf } from '../../common/page-reply.js';
import { parameters } from '../../common/schemas.js';

export const startRunRequest = z
  .strictObject({
    model: z
      .string()
      .max(64)
      .describe(`kind of model: ${[...modelRegistry.keys()].join(', ')}`),
    parameters: parameters.default({}).describe('hyperparameters of the kind; defaults fill the rest'),
    activate: z.boolean().default(true).describe('serve the model when it is ready'),
  })
  .meta({ id: 'StartTrainingRun', example: { model: 'ease', parameters: { regularization: 300 } } });
export type StartRunRequest = z.infer<typeof startRunRequest>;

export const runReply = z
  .object({
    id: z.string(),
    model: z.string(),
    parameters,
    activate: z.boolean(),
    scheduleName: z.string().nullable(),
    status: z.enum(TRAINING_RUN_STATUSES),
    stage: z.enum(TRAINING_STAGES),
    progress: z.number().describe('0 to 1'),
    attempts: z.number().int(),
    cancelRequested: z.boolean(),
    modelId: z.string().nullable(),
    unchanged: z.boolean().describe('true when an equal model existed and nothing was trained'),
    snapshotHash: z.string().nullable(),
    error: z.object({ code: z.string(), detail: z.string() }).nullable(),
    estimatedBytes: z.number().nullable(),
    peakRssBytes: z.number().nullable(),
    timingsMs: z.record(z.string(), z.number()),
    createdAt: z.string(),
    startedAt: z.string().nullable(),
    finishedAt: z.string().nullable(),
  })
  .meta({ id: 'TrainingRun' });
export type RunReply = z.infer<typeof runReply>;

export const runPage = pageOf('TrainingRun', runReply);

export function toRunReply({ catalogId: _catalogId, kind, ...run }: TrainingRun): RunReply {
  return {
    ...run,
    model: kind,
    parameters: { ...run.parameters },
    timingsMs: { ...run.timingsMs },
    createdAt: run.createdAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    finishedAt: run.finishedAt?.toISOString() ?? null,
  };
}
