import { z } from 'zod';
import type { DeletedInteractions } from '#data';
import { LIMITS, type InteractionFilter } from '#domain';
import { validationProblem } from '../../common/problem/validation-problem.js';
import { externalId, flag, interactionType, repeated, time } from '../../common/schemas.js';

const MILLISECOND = 1;

export const deleteInteractionsQuery = z.strictObject({
  itemId: repeated(externalId, LIMITS.filteredItems).meta({
    description: 'those with one of these items',
    example: 'item-3',
  }),
  type: repeated(interactionType, LIMITS.interactionTypesPerCatalog).meta({
    description: 'those of one of these types',
    example: 'view',
  }),
  from: time.optional().meta({ description: 'those of then or later', example: '2026-11-01T00:00:00Z' }),
  to: time.optional().meta({ description: 'those before then', example: '2026-12-01T00:00:00Z' }),
  occurredAt: time.optional().meta({
    description: 'those of this millisecond; with one item and one type it names one interaction',
    example: '2026-11-01T10:10:00Z',
  }),
  all: flag.describe('all of the user; in place of the other parameters'),
});
export type DeleteInteractionsQuery = z.infer<typeof deleteInteractionsQuery>;

export const deletedReply = z
  .object({
    deleted: z
      .number()
      .int()
      .describe('interactions that are gone, those that waited for a deleted item too'),
  })
  .meta({ id: 'DeletedInteractions' });
export type DeletedReply = z.infer<typeof deletedReply>;

/** @throws DomainError `validation-failed` where nothing or two things are said of what is meant */
export function toFilter({ itemId, type, all, ...times }: DeleteInteractionsQuery): InteractionFilter {
  const { from, to, occurredAt } = times;
  const isNarrowed = itemId.length + type.length > 0 || (from ?? to ?? occurredAt) !== undefined;
  if (!isNarrowed && !all) throw refused('all', 'must be true where no other parameter says which are meant');
  if (isNarrowed && all) throw refused('all', 'goes with no other parameter');
  if (from !== undefined && to !== undefined && Date.parse(to) <= Date.parse(from))
    throw refused('to', 'must be later than `from`');
  return {
    ...toSpan(times),
    ...(itemId.length > 0 && { itemIds: itemId }),
    ...(type.length > 0 && { types: type }),
  };
}

/** A moment is a span of one millisecond, of which the service dates. */
function toSpan({
  from,
  to,
  occurredAt,
}: Pick<DeleteInteractionsQuery, 'from' | 'to' | 'occurredAt'>): InteractionFilter {
  const moment = occurredAt === undefined ? [] : [Date.parse(occurredAt)];
  const begins = [...(from === undefined ? [] : [Date.parse(from)]), ...moment];
  const ends = [...(to === undefined ? [] : [Date.parse(to)]), ...moment.map((at) => at + MILLISECOND)];
  return {
    ...(begins.length > 0 && { from: new Date(Math.max(...begins)) }),
    ...(ends.length > 0 && { to: new Date(Math.min(...ends)) }),
  };
}

function refused(parameter: string, message: string) {
  return validationProblem([{ path: [parameter], message }]);
}

export function toDeletedReply({ deleted }: DeletedInteractions): DeletedReply {
  return { deleted };
}
