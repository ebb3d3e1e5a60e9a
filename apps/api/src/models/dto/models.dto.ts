import { z } from 'zod';
import type { Attribution, Breadth, Model } from '#domain';
import { metricsReply, toMetricsReply } from '../../common/metrics-reply.js';
import { pageOf } from '../../common/page-reply.js';
import { parameters } from '../../common/schemas.js';

const share = z.number().nullable().describe('interactions a recommendation; null before the first one');

const attributionReply = z
  .object({
    recommendations: z.number().int().describe('lists that the model has answered'),
    interactions: z.number().int().describe('stored interactions that named one of these lists'),
    clickThrough: share,
    byType: z.array(z.object({ type: z.string(), interactions: z.number().int(), clickThrough: share })),
  })
  .meta({ id: 'Attribution' });

const tenths = (words: string) =>
  z.array(z.number()).describe(`${words} each tenth of the items, the most popular first`);

const breadthReply = z
  .object({
    k: z.number().int().describe('length of the lists'),
    coverage: z.number().describe('share of the items that are in any list'),
    gini: z.number().describe('inequality of how often items are listed: 0 when all are equally often'),
    tailRecall: tenths('recall of the test items of'),
    exposure: tenths('share of all places in the lists that belong to'),
  })
  .meta({ id: 'Breadth' });

export const modelReply = z
  .object({
    id: z.string(),
    runId: z.string(),
    kind: z.string(),
    parameters,
    status: z.enum(['ready', 'active', 'archived']),
    metrics: metricsReply.describe(
      'on a held-out tenth of each user, full ranking, with bootstrap 95 % intervals',
    ),
    baseline: metricsReply.describe('popularity on the same users'),
    measuredUsers: z
      .number()
      .int()
      .nullable()
      .describe(
        'users whose lists these figures are of: all with held-out items, or 20,000 of them that the seed of the run chose; null: an earlier release did not count them',
      ),
    breadth: z
      .object({ model: breadthReply, popularity: breadthReply })
      .nullable()
      .describe(
        'how far the lists of these users reach into the catalogue; null: the release that trained it did not measure it',
      ),
    snapshotHash: z.string(),
    codeVersion: z.string(),
    kernel: z.string(),
    nodeVersion: z.string().nullable().describe('of the worker; null: made by an earlier release'),
    postgresVersion: z
      .string()
      .nullable()
      .describe('of the server that the data was read from; null: made by an earlier release'),
    numUsers: z.number().int(),
    numItems: z.number().int(),
    numInteractions: z.number().int(),
    artifactBytes: z.number().int(),
    createdAt: z.string(),
    activatedAt: z.string().nullable(),
    attribution: attributionReply,
  })
  .meta({ id: 'Model' });
export type ModelReply = z.infer<typeof modelReply>;

export const modelPage = pageOf('Model', modelReply);

export function toModelReply({
  catalogId: _catalogId,
  artifactChecksum: _checksum,
  ...model
}: Model & { readonly attribution: Attribution }): ModelReply {
  return {
    ...model,
    parameters: { ...model.parameters },
    metrics: toMetricsReply(model.metrics),
    baseline: toMetricsReply(model.baseline),
    breadth: model.breadth && {
      model: toBreadthReply(model.breadth.model),
      popularity: toBreadthReply(model.breadth.popularity),
    },
    createdAt: model.createdAt.toISOString(),
    activatedAt: model.activatedAt?.toISOString() ?? null,
    attribution: toAttributionReply(model.attribution),
  };
}

function toBreadthReply({ tailRecall, exposure, ...figures }: Breadth) {
  return { ...figures, tailRecall: [...tailRecall], exposure: [...exposure] };
}

function toAttributionReply({ recommendations, interactions }: Attribution): ModelReply['attribution'] {
  const shareOf = (count: number) => (recommendations === 0 ? null : count / recommendations);
  const total = interactions.reduce((sum, { count }) => sum + count, 0);
  return {
    recommendations,
    interactions: total,
    clickThrough: shareOf(total),
    byType: interactions.map(({ type, count }) => ({
      type,
      interactions: count,
      clickThrough: shareOf(count),
    })),
  };
}
