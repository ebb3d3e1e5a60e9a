import { LIMITS } from '@app/domain';
import { z } from 'zod';
import { externalId, flag, k, weight } from '../../common/schemas.js';

export const listQuery = z.strictObject({ k: k.default(20) });
export type ListQuery = z.infer<typeof listQuery>;

const MAX_EXCLUDED = 200;

export const userQuery = z.strictObject({
  k: k.default(20),
  explain: flag.describe('adds `because`: the past items that made each score'),
  exclude: z
    .union([externalId, z.array(externalId).max(MAX_EXCLUDED)])
    .default([])
    .transform((ids) => [ids].flat())
    .describe('item ids that must not be answered; repeat the parameter for more'),
});
export type UserQuery = z.infer<typeof userQuery>;

export const basketRequest = z
  .strictObject({
    items: z
      .array(z.strictObject({ itemId: externalId, weight: weight.default(1) }))
      .max(LIMITS.basketItems)
      .describe('what the list is for; an item that comes twice counts with its largest weight'),
    k: z.number().int().min(1).max(LIMITS.k).default(20),
    explain: z.boolean().default(false),
  })
  .meta({
    id: 'BasketRequest',
    example: { items: [{ itemId: 'item-1' }, { itemId: 'item-2' }], k: 5, explain: true },
  });
export type BasketRequest = z.infer<typeof basketRequest>;

const recommendedItem = z
  .object({
    itemId: z.string(),
    title: z.string().optional(),
    score: z.number().describe('comparable within one source'),
    source: z.enum(['model', 'popular', 'catalogue']).describe('who put the item here'),
    because: z
      .array(z.object({ itemId: z.string(), part: z.number() }))
      .optional()
      .describe('parts of the score by past item; they sum to it'),
  })
  .meta({ id: 'RecommendedItem' });
export type RecommendedItem = z.infer<typeof recommendedItem>;

export const recommendationReply = z
  .object({
    items: z.array(recommendedItem),
    modelId: z.string().nullable().describe('null before the first model'),
    recommendationId: z.string(),
    unknownItems: z.array(z.string()).optional().describe('basket items that the catalog does not have'),
  })
  .meta({ id: 'RecommendationReply' });
export type RecommendationReply = z.infer<typeof recommendationReply>;
