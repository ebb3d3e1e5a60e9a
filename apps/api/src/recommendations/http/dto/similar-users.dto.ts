import { z } from 'zod';
import { k } from '../../../common/schemas.js';

export const similarUsersQuery = z.strictObject({
  k: k.default(20).meta({ description: 'how many users', example: 5 }),
});
export type SimilarUsersQuery = z.infer<typeof similarUsersQuery>;

export const similarUsersReply = z
  .object({
    users: z.array(
      z.object({
        userId: z.string(),
        score: z.number().describe('cosine of the two histories, above 0 and at most 1'),
        sharedItems: z.number().int().describe('items that both have'),
      }),
    ),
    reason: z
      .enum(['unknown-user', 'no-consent', 'no-users-share-items', 'fewer-users-share-items'])
      .optional()
      .describe(
        'why there are fewer than k users; always there when there are. `no-consent`: the user has said no to personal lists',
      ),
    measure: z.literal('cosine'),
    exact: z.literal(true).describe('every user who shares an item and allows personal lists was looked at'),
  })
  .meta({ id: 'SimilarUsersReply' });
export type SimilarUsersReply = z.infer<typeof similarUsersReply>;
