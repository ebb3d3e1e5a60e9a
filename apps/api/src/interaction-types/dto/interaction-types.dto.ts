import { z } from 'zod';
import { etagOfType, REPEATS_RULES, type InteractionType } from '#domain';
import { pageOf } from '../../common/page-reply.js';

export const interactionTypeReply = z
  .object({
    name: z.string(),
    trainingWeight: z.number(),
    halfLifeDays: z.number().nullable(),
    positive: z.boolean(),
    excludesSeen: z.boolean(),
    repeatAfterDays: z.number().nullable(),
    repeats: z.enum(REPEATS_RULES),
    etag: z.string().describe('of this state, for `If-Match`'),
  })
  .meta({ id: 'InteractionType' });

export const interactionTypePage = pageOf('InteractionType', interactionTypeReply);

export type InteractionTypeReply = z.infer<typeof interactionTypeReply>;

export function toTypeReply(type: InteractionType): InteractionTypeReply {
  return { ...type, etag: etagOfType(type) };
}
