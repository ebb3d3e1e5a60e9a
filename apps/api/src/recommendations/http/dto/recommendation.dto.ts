import { z } from 'zod';
import { LIMITS } from '#domain';
import { FILTER_EXAMPLE, type RankedItem, SHORTFALLS, SOURCES } from '#ranking';
import { querySchema } from '../../../common/query-schema.js';
import { externalId, weight } from '../../../common/schemas.js';
import {
  BOOST_EXAMPLE,
  checkTogether,
  personalOptions,
  personalQueryOptions,
  queryOptions,
} from './list-options.dto.js';
import { checkPaging, pagingOptions, rotationQueryOptions } from './user-options.dto.js';

export const listQuery = querySchema({ ...queryOptions, ...pagingOptions }, checkPaging);
export type ListQuery = z.infer<typeof listQuery>;

export const userQuery = querySchema(
  { ...personalQueryOptions, ...rotationQueryOptions, ...pagingOptions },
  checkTogether,
  checkPaging,
);
export type UserQuery = z.infer<typeof userQuery>;

export const basketItems = z
  .array(z.strictObject({ itemId: externalId, weight: weight.default(1) }))
  .max(LIMITS.basketItems);

export const basketRequest = z
  .strictObject({
    items: basketItems.describe(
      'what the list is for. Of an item that comes more than once the largest weight counts, or the sum, or the last one, as `repeats` of the interaction type `interaction` says',
    ),
    ...personalOptions,
  })
  .superRefine(checkTogether)
  .meta({
    id: 'BasketRequest',
    example: {
      items: [{ itemId: 'item-1' }, { itemId: 'item-2' }],
      k: 5,
      explain: true,
      exclude: ['item-3'],
      filter: FILTER_EXAMPLE,
      boost: BOOST_EXAMPLE,
      diversity: 0.3,
      pins: { 'item-7': 2 },
      without: ['item-2'],
      fields: ['title', 'tags', 'metadata'],
    },
  });
export type BasketRequest = z.infer<typeof basketRequest>;

const recommendedItem = z
  .object({
    itemId: z.string(),
    title: z.string().optional().describe('where the item has one'),
    tags: z.array(z.string()).optional(),
    metadata: z.record(z.string(), z.unknown()).optional(),
    score: z.number().describe('comparable within one source; with a boost, within the whole list'),
    baseScore: z
      .number()
      .optional()
      .describe(
        "with a boost: the model's score before it, 0 where that is not above 0; without one: the score before the rotation, where that changed it",
      ),
    source: z
      .enum(SOURCES)
      .describe(
        'who put the item here; `tags`: the model, which has never seen it, by its scores of items with the same tags',
      ),
    because: z
      .array(z.object({ itemId: z.string(), part: z.number() }))
      .optional()
      .describe('parts of the score by past item; they sum to it, or to `baseScore` where there is one'),
  })
  .meta({ id: 'RecommendedItem' }) satisfies z.ZodType<
  Pick<RankedItem, 'score' | 'source' | 'baseScore' | 'because'>
>;
export type RecommendedItem = z.infer<typeof recommendedItem>;

export const recommendationReply = z
  .object({
    items: z.array(recommendedItem),
    reason: z
      .enum(SHORTFALLS)
      .optional()
      .describe('why there are fewer than k items; always there when there are'),
    exact: z.literal(true).describe('every item of the catalog was looked at'),
    modelId: z.string().nullable().describe('null before the first model, and of a list that no model makes'),
    recommendationId: z
      .string()
      .describe('to be sent along with interactions that follow from this list; carries model and time'),
    personalised: z
      .literal(false)
      .optional()
      .describe(
        'there when the user has said no to personal lists: nothing of what the user did or was shown was used',
      ),
    stale: z
      .literal(true)
      .optional()
      .describe(
        'there when neither Redis nor PostgreSQL answered: the list is made from what this process last knew of the user, and may miss the newest interactions',
      ),
    nextCursor: z
      .string()
      .optional()
      .describe('of the next page, with `paging` or a `cursor`; absent after the last one'),
    unknownItems: z
      .array(z.string())
      .optional()
      .describe('items of the basket and pins that the catalog does not have'),
  })
  .meta({ id: 'RecommendationReply' });
export type RecommendationReply = z.infer<typeof recommendationReply>;
