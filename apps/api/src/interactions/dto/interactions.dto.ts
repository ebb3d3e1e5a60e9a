import { z } from 'zod';
import type { MergedBatch } from '#data';
import { joinRefused, LIMITS, ON_INVALID, type RefusedRows } from '#domain';
import { externalId, interactionType, recommendationId, time, weight } from '../../common/schemas.js';

export const postedInteraction = z.strictObject({
  userId: externalId,
  itemId: externalId,
  type: interactionType.optional().describe('e.g. view, buy'),
  weight: weight.default(1).describe('strength of the event'),
  occurredAt: time
    .optional()
    .describe(
      "ISO 8601; absent = now; refused when more than CLOCK_TOLERANCE_SECONDS (300) ahead of the server's clock",
    ),
  recommendationId: recommendationId
    .optional()
    .describe(
      'of the answer that led to it; counted for its model, once for user, item and type, within 30 days of the answer',
    ),
});
export type PostedInteraction = z.infer<typeof postedInteraction>;

/** Documented as what it has to be, and checked row by row, since a bad row need not refuse the others. */
const anyRow = z.unknown().meta(z.toJSONSchema(postedInteraction, { target: 'openapi-3.0', io: 'input' }));

export const recordRequest = z
  .strictObject({
    interactions: z.array(anyRow).min(1).max(LIMITS.interactionsPerRequest),
  })
  .meta({
    id: 'RecordInteractions',
    example: {
      interactions: [
        { userId: 'swagger-user', itemId: 'item-1', type: 'view', occurredAt: '2026-11-01T10:00:00Z' },
        {
          userId: 'swagger-user',
          itemId: 'item-2',
          type: 'buy',
          weight: 2,
          occurredAt: '2026-11-01T10:05:00Z',
        },
      ],
    },
  });
export type RecordRequest = z.infer<typeof recordRequest>;

export const recordQuery = z.strictObject({
  onInvalid: z
    .enum(ON_INVALID)
    .default('refuse')
    .describe('skip: rows that are refused are left out and named in the answer; else they refuse all'),
});
export type RecordQuery = z.infer<typeof recordQuery>;

export const storedReply = z
  .object({
    stored: z.number().int(),
    duplicates: z
      .number()
      .int()
      .describe('events that were stored before or came twice: the same user, item, type and time'),
    merged: z
      .number()
      .int()
      .describe(
        'rows of a file that lists a set (train.txt, by the command line) and names a pair again; 0 for posts and imports over HTTP. stored + duplicates + merged, and refused.count with `onInvalid=skip`, is the number of rows',
      ),
    refused: z
      .object({
        count: z.number().int(),
        rows: z
          .array(
            z.object({
              row: z.number().int().describe('place in the batch, from 0, or number in the file, from 1'),
              reason: z.string(),
            }),
          )
          .describe(`the first ${LIMITS.refusedRows}`),
      })
      .optional()
      .describe('with `onInvalid=skip`: what was left out'),
  })
  .meta({ id: 'StoredInteractions' });
export type StoredReply = z.infer<typeof storedReply>;

/**
 * What is answered, and kept to be answered again.
 *
 * @param known what was left out before the batch was stored
 */
export function toStoredReply(
  { stored, duplicates, merged, refused }: MergedBatch,
  known: RefusedRows,
): StoredReply {
  if (!refused) return { stored, duplicates, merged };
  const { count, rows } = joinRefused(known, refused);
  return { stored, duplicates, merged, refused: { count, rows: [...rows] } };
}
