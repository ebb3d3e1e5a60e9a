import { z } from 'zod';
import { LIMITS } from '#domain';
import { querySchema } from '../../../common/query-schema.js';
import { interactionType, queryNumber, repeated, text } from '../../../common/schemas.js';
import { queryOptions } from './list-options.dto.js';
import { recommendationReply } from './recommendation.dto.js';
import { checkPaging, pagingOptions } from './user-options.dto.js';

const MAX_TYPES = 10;
const MAX_DAYS = 36_500;
const days = queryNumber(z.number().gt(0).max(MAX_DAYS));

const tag = text(LIMITS.tagLength, 1)
  .optional()
  .meta({ description: 'items with this tag only, beside `filter`', example: 'Drama' });

const popularOptions = {
  ...queryOptions,
  ...pagingOptions,
  windowDays: days
    .optional()
    .meta({ description: 'counts interactions of the last days only', example: 365 }),
  halfLifeDays: days
    .optional()
    .meta({ description: 'days after which an interaction counts half', example: 7 }),
  type: repeated(interactionType, MAX_TYPES).meta({
    description: 'counts interactions of this type only; repeat the parameter for more',
    example: 'view',
  }),
  userTag: text(LIMITS.tagLength, 1).optional().meta({
    description: 'counts interactions of users with this tag only, who allow personal lists',
    example: 'member',
  }),
  tag,
};
export const popularQuery = querySchema(popularOptions, checkPaging);
export type PopularQuery = z.infer<typeof popularQuery>;

const { model: _model, ...optionsOfNoModel } = queryOptions;
export const latestQuery = querySchema({ ...optionsOfNoModel, ...pagingOptions, tag }, checkPaging);
export type LatestQuery = z.infer<typeof latestQuery>;

export const popularReply = recommendationReply
  .extend({
    window: z
      .object({
        from: z.string().nullable().describe('null: since ever'),
        to: z.string(),
        halfLifeDays: z.number().nullable(),
        types: z.array(z.string()).nullable().describe('null: all positive types'),
        userTag: z.string().optional().describe('absent: all users'),
      })
      .optional()
      .describe('the interactions that were counted; absent: those of the active model'),
  })
  .meta({ id: 'PopularReply' });
export type PopularReply = z.infer<typeof popularReply>;
