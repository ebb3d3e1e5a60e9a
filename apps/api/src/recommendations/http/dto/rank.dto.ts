import { z } from 'zod';
import { LIMITS } from '#domain';
import { LEFT_OUT } from '#ranking';
import { externalId } from '../../../common/schemas.js';
import { BOOST_EXAMPLE, personalOptions } from './list-options.dto.js';
import { basketItems, recommendationReply } from './recommendation.dto.js';

const { explain, boost, without, minScore, fields, model, preview } = personalOptions;

export const rankRequest = z
  .strictObject({
    candidates: z
      .array(externalId)
      .min(1)
      .max(LIMITS.candidates)
      .describe('ids of the items to put in order; each is answered once'),
    userId: externalId.optional().describe('whom the order is for; either this or `items`'),
    items: basketItems.optional().describe('what the order is for, as a basket; either this or `userId`'),
    ...{ explain, boost, without, minScore, fields, model, preview },
  })
  .superRefine(({ userId, items }, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (userId === undefined && items === undefined) refuse('userId', 'is needed, or `items`');
    if (userId !== undefined && items !== undefined) refuse('items', 'is not possible beside `userId`');
  })
  .meta({
    id: 'RankRequest',
    example: {
      candidates: ['item-3', 'item-1', 'item-7', 'item-8'],
      userId: 'user-1',
      explain: true,
      fields: ['title'],
    },
    examples: [
      {
        candidates: ['item-3', 'item-1', 'item-7', 'item-8'],
        userId: 'user-1',
        explain: true,
        fields: ['title'],
      },
      { candidates: ['item-3', 'item-7'], items: [{ itemId: 'item-1' }], boost: BOOST_EXAMPLE },
    ],
  });
export type RankRequest = z.infer<typeof rankRequest>;

const { reason: _reason, nextCursor: _nextCursor, unknownItems, ...listed } = recommendationReply.shape;

export const rankReply = z
  .object({
    ...listed,
    unknownItems: unknownItems.describe('items of the basket that the catalog does not have'),
    leftOut: z
      .array(z.object({ itemId: z.string(), reason: z.enum(LEFT_OUT) }))
      .describe(
        'candidates that no list for the user or basket may have, in the order in which they were sent',
      ),
  })
  .meta({ id: 'RankReply' });
export type RankReply = z.infer<typeof rankReply>;
