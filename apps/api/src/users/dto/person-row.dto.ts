import { z } from 'zod';
import { PERSON_ROW_KINDS } from '#domain';

const ids = z.array(z.string());

/** A line of the file of everything on one person. */
export const personRow = z
  .object({
    kind: z.enum(PERSON_ROW_KINDS).describe('which says what other fields there are'),
    userId: z.string(),
    createdAt: z.string().optional(),
    training: z.boolean().optional().describe('whether models are trained on the interactions'),
    personal: z.boolean().optional().describe('whether lists are made from them'),
    tags: z.array(z.string()).optional(),
    metadata: z.record(z.string(), z.unknown()).optional(),
    itemId: z.string().optional(),
    type: z.string().optional(),
    weight: z.number().optional(),
    occurredAt: z.string().optional(),
    issuedAt: z
      .string()
      .optional()
      .describe('when the list was answered that an interaction was counted for'),
    answer: z.number().int().optional().describe('its number among those of its time'),
    shownAt: z.string().optional(),
    mergedId: z.string().optional().describe('another id of the user, by a merge'),
    mergedAt: z.string().optional(),
    endsAt: z.string().optional().describe('until when it names the user'),
    revision: z.number().int().optional(),
    listId: z.string().optional(),
    modelId: z.string().nullable().optional(),
    items: z
      .array(
        z.object({
          itemId: z.string(),
          value: z.number().optional().describe('what the interactions with it count together'),
          score: z.number().optional(),
          source: z.string().optional(),
        }),
      )
      .optional(),
    repeatable: ids.optional().describe('items that lists may answer although they were seen'),
    alsoSeen: ids.optional().describe('older items, which lists leave out and models do not look at'),
    returning: z
      .array(z.object({ itemId: z.string(), at: z.string() }))
      .optional()
      .describe('seen items that lists may have again from a time on'),
    embedding: z.object({ modelId: z.string(), values: z.array(z.number()) }).optional(),
  })
  .meta({ id: 'PersonRow' });
