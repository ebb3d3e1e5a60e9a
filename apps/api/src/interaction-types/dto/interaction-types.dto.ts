import { z } from 'zod';
import { REPEATS_RULES } from '#domain';
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
  })
  .meta({ id: 'InteractionType' });

export const interactionTypePage = pageOf('InteractionType', interactionTypeReply);
