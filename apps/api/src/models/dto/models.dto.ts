import type { Model } from '@app/domain';
import { z } from 'zod';
import { pageOf } from '../../common/page-reply.js';
import { parameters } from '../../common/schemas.js';

const metrics = z.record(z.string(), z.object({ mean: z.number(), ci95: z.array(z.number()) }));

export const modelReply = z
  .object({
    id: z.string(),
    runId: z.string(),
    kind: z.string(),
    parameters,
    status: z.enum(['ready', 'active', 'archived']),
    metrics: metrics.describe(
      'on a held-out tenth of each user, full ranking, with bootstrap 95 % intervals',
    ),
    baseline: metrics.describe('popularity on the same users'),
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
    metrics: toMutable(model.metrics),
    baseline: toMutable(model.baseline),
    createdAt: model.createdAt.toISOString(),
    activatedAt: model.activatedAt?.toISOString() ?? null,
  };
}

function toMutable(source: Model['metrics']): ModelReply['metrics'] {
  return Object.fromEntries(
    Object.entries(source).map(([name, { mean, ci95 }]) => [name, { mean, ci95: [...ci95] }]),
  );
}
