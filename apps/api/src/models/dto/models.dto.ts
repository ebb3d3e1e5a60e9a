import type { Model } from '@app/domain';
import { z } from 'zod';
import { metricsReply, toMetricsReply } from '../../common/metrics-reply.js';
import { pageOf } from '../../common/page-reply.js';
import { parameters } from '../../common/schemas.js';

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
    snapshotHash: z.string(),
    codeVersion: z.string(),
    kernel: z.string(),
    numUsers: z.number().int(),
    numItems: z.number().int(),
    numInteractions: z.number().int(),
    artifactBytes: z.number().int(),
    createdAt: z.string(),
    activatedAt: z.string().nullable(),
  })
  .meta({ id: 'Model' });
export type ModelReply = z.infer<typeof modelReply>;

export const modelPage = pageOf('Model', modelReply);

export function toModelReply({
  catalogId: _catalogId,
  artifactChecksum: _checksum,
  ...model
}: Model): ModelReply {
  return {
    ...model,
    parameters: { ...model.parameters },
    metrics: toMetricsReply(model.metrics),
    baseline: toMetricsReply(model.baseline),
    createdAt: model.createdAt.toISOString(),
    activatedAt: model.activatedAt?.toISOString() ?? null,
  };
}
