import { z } from 'zod';
import type { CatalogDeletion } from '#domain';

const count = z.number().int().min(0);

export const deletionReply = z
  .object({
    id: z.string(),
    catalogId: z.string(),
    status: z.enum(['running', 'done']).describe('`done` when nothing of the catalog is left'),
    requestedAt: z.string(),
    finishedAt: z.string().nullable(),
    deleted: z
      .object({ interactions: count, users: count, items: count, models: count, trainingRuns: count })
      .describe('rows that are gone so far'),
  })
  .meta({ id: 'CatalogDeletion' });

export function toDeletionReply({
  requestedAt,
  finishedAt,
  ...rest
}: CatalogDeletion): z.infer<typeof deletionReply> {
  return {
    ...rest,
    status: finishedAt ? 'done' : 'running',
    requestedAt: requestedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
