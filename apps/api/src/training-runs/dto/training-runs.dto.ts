import { z } from 'zod';
import { TRAINING_RUN_STATUSES, TRAINING_STAGES, type RunLeaderboard, type TrainingRun } from '#domain';
import { metricsReply, toMetricsReply } from '../../common/metrics-reply.js';
import { pageOf } from '../../common/page-reply.js';
import { modelKind, name, pageQuery, parameters } from '../../common/schemas.js';

export const startRunRequest = z
  .strictObject({
    model: modelKind,
    parameters: parameters.default({}).describe('hyperparameters of the kind; defaults fill the rest'),
    activate: z.boolean().default(true).describe('serve the model when it is ready'),
    leaderboard: z
      .boolean()
      .default(false)
      .describe('compare all kinds of models on what the run holds out, and keep the figures with it'),
  })
  .meta({ id: 'StartTrainingRun', example: { model: 'ease', parameters: { regularization: 300 } } });
export type StartRunRequest = z.infer<typeof startRunRequest>;

const leaderboard = z.array(
  z.union([
    z.object({
      model: z.string(),
      parameters,
      metrics: metricsReply,
      coverage: z.number().describe('share of the items that are in any list'),
      gini: z.number().describe('inequality of how often items are listed: 0 when all are equally often'),
      tailRecall: z.array(z.number()).describe('recall of each tenth of the items, the most popular first'),
      differenceToRun: metricsReply.describe("this kind minus the run's own, on the same users"),
      fitMs: z.number(),
      artifactBytes: z.number(),
      kernel: z.string(),
    }),
    z.object({ model: z.string(), parameters, leftOut: z.string().describe('why there are no figures') }),
  ]),
);

export const runReply = z
  .object({
    id: z.string(),
    model: z.string(),
    parameters,
    activate: z.boolean(),
    scheduleName: z.string().nullable(),
    dueAt: z.string().nullable().describe('the tick of the schedule that started it'),
    status: z.enum(TRAINING_RUN_STATUSES),
    stage: z.enum(TRAINING_STAGES),
    progress: z.number().describe('0 to 1'),
    epoch: z
      .object({
        phase: z
          .string()
          .describe(
            '"choosing" looks for the number of epochs on a validation part, "final" trains that many',
          ),
        epoch: z.number().int(),
        loss: z.number().describe('mean over the steps of the epoch'),
        validation: z.number().nullable().describe('last NDCG@20 that was measured on the validation part'),
        durationMs: z.number(),
      })
      .nullable()
      .describe('the last epoch, of a model that is trained in epochs'),
    parts: z
      .object({ done: z.number().int(), all: z.number().int() })
      .nullable()
      .describe('parts of the fit at hand, of a model whose fit workers share'),
    attempts: z.number().int(),
    cancelRequested: z.boolean(),
    modelId: z.string().nullable(),
    unchanged: z.boolean().describe('true when an equal model existed and nothing was trained'),
    withLeaderboard: z.boolean(),
    leaderboard: leaderboard.nullable().describe('all kinds beside this one, once they are compared'),
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

export const runsQuery = pageQuery.extend({
  schedule: name.optional().meta({ description: 'only runs that it has started', example: 'nightly' }),
});
export type RunsQuery = z.infer<typeof runsQuery>;

export const runPage = pageOf('TrainingRun', runReply);

export function addressOfRun({ catalogId, id }: TrainingRun): string {
  return `/v1/catalogs/${catalogId}/training-runs/${id}`;
}

export function toRunReply(stored: TrainingRun): RunReply {
  const { catalogId: _catalogId, requestId: _requestId, traceParent: _traceParent, kind, ...run } = stored;
  return {
    ...run,
    model: kind,
    parameters: { ...run.parameters },
    epoch: run.epoch && { ...run.epoch },
    parts: run.parts && { ...run.parts },
    timingsMs: { ...run.timingsMs },
    leaderboard: run.leaderboard && toLeaderboardReply(run.leaderboard),
    dueAt: run.dueAt?.toISOString() ?? null,
    createdAt: run.createdAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    finishedAt: run.finishedAt?.toISOString() ?? null,
  };
}

function toLeaderboardReply(rows: RunLeaderboard): NonNullable<RunReply['leaderboard']> {
  return rows.map((row) =>
    'leftOut' in row
      ? { ...row, parameters: { ...row.parameters } }
      : {
          ...row,
          parameters: { ...row.parameters },
          metrics: toMetricsReply(row.metrics),
          differenceToRun: toMetricsReply(row.differenceToRun),
          tailRecall: [...row.tailRecall],
        },
  );
}
