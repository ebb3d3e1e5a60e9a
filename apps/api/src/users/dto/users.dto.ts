import { z } from 'zod';
import { LIMITS, type InteractionFilter, type StoredUser, type UserSummary } from '#domain';
import { pageOf } from '../../common/page-reply.js';
import { interactionType, pageQuery, repeated, searchText, time } from '../../common/schemas.js';
import { consentReply, toConsentReply } from './consent.dto.js';

export const usersQuery = pageQuery.extend({
  search: searchText.meta({ description: 'only users whose id begins with it', example: 'user-1' }),
});
export type UsersQuery = z.infer<typeof usersQuery>;

export const interactionsQuery = pageQuery
  .extend({
    type: repeated(interactionType, LIMITS.interactionTypesPerCatalog).meta({
      description: 'those of one of these types',
      example: 'interaction',
    }),
    from: time.optional().meta({ description: 'those of then or later', example: '2026-01-01T00:00:00Z' }),
    to: time.optional().meta({ description: 'those before then', example: '2030-01-01T00:00:00Z' }),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(to) > Date.parse(from), {
    path: ['to'],
    message: 'must be later than `from`',
  });
export type InteractionsQuery = z.infer<typeof interactionsQuery>;

/** Which interactions a query means. */
export function toFilter({ type, from, to }: InteractionsQuery): InteractionFilter {
  return {
    ...(type.length > 0 && { types: type }),
    ...(from !== undefined && { from: new Date(from) }),
    ...(to !== undefined && { to: new Date(to) }),
  };
}

const userFields = {
  userId: z.string(),
  createdAt: z.string().describe('when the first interaction was stored, or what else came first'),
};
export const userPage = pageOf('User', z.object(userFields).meta({ id: 'User' }));

export const userReply = z
  .object({
    ...userFields,
    interactions: z.array(z.object({ type: z.string(), count: z.number().int() })).describe('by type'),
    lateInteractions: z
      .number()
      .int()
      .describe('interactions with deleted items: they are in no list until their item is put again'),
    firstOccurredAt: z.string().nullable().describe('null without interactions'),
    lastOccurredAt: z.string().nullable(),
    consent: consentReply.describe('what the user allows'),
    tags: z.array(z.string()),
    metadata: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'UserSummary' });

export const storedInteraction = z
  .object({
    userId: z.string(),
    itemId: z.string(),
    type: z.string(),
    weight: z.number(),
    occurredAt: z.string(),
  })
  .meta({ id: 'StoredInteraction' });
export const interactionPage = pageOf('StoredInteraction', storedInteraction);

export function toUserReply<User extends StoredUser>(user: User) {
  return { ...user, createdAt: user.createdAt.toISOString() };
}

export function toSummaryReply({
  interactions,
  tags,
  metadata,
  ...summary
}: UserSummary): z.infer<typeof userReply> {
  return {
    ...toUserReply(summary),
    interactions: [...interactions],
    consent: toConsentReply(summary.consent),
    tags: [...tags],
    metadata: { ...metadata },
  };
}
