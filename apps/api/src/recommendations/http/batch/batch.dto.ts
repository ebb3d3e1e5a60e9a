import { z } from 'zod';
import { LIMITS } from '#domain';
import { problemReply } from '../../../common/problem/api-problems.js';
import type { ProblemDetails } from '../../../common/problem/problem-details.js';
import { externalId } from '../../../common/schemas.js';
import { checkTogether, personalOptions } from '../dto/list-options.dto.js';
import { basketRequest, recommendationReply } from '../dto/recommendation.dto.js';
import { rotationOptions } from '../dto/user-options.dto.js';

const userRequest = z
  .strictObject({ userId: externalId, ...personalOptions, ...rotationOptions })
  .superRefine(checkTogether);

/** One entry of a batch, by what it is for. */
export function parseEntry(entry: BatchRequest['requests'][number]) {
  return 'userId' in entry
    ? { user: userRequest.safeParse(entry), basket: null }
    : { user: null, basket: basketRequest.safeParse(entry) };
}

/** Entries are checked one by one, when their turn comes. */
export const batchRequest = z
  .strictObject({
    requests: z
      .array(z.record(z.string(), z.unknown()))
      .min(1)
      .max(LIMITS.listsPerRequest)
      .describe('each with a `userId`, or as a BasketRequest with `items`; both have the same options'),
  })
  .meta({
    id: 'BatchRequest',
    example: {
      requests: [
        { userId: 'user-1', k: 3 },
        { items: [{ itemId: 'item-1' }], k: 3, explain: true },
      ],
    },
  });
export type BatchRequest = z.infer<typeof batchRequest>;

export const batchLine = z
  .object({
    index: z.number().int().describe('of the request that this line answers, from 0'),
    ...recommendationReply.partial().shape,
    error: problemReply.optional().describe('instead of a list: why there is none, as a problem document'),
  })
  .meta({ id: 'BatchLine' });
export type BatchLine = Omit<z.infer<typeof batchLine>, 'error'> & { readonly error?: ProblemDetails };
