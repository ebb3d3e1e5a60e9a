import {
  aheadOfClock,
  DEFAULT_INTERACTION_TYPE,
  readAttribution,
  type DatedInteraction,
  type RefusedRow,
} from '#domain';
import { reasonOf, validationProblem, type Issue } from '../common/problem/validation-problem.js';
import { postedInteraction, type PostedInteraction } from './dto/interactions.dto.js';

export interface PostOptions {
  /** When the post came, which dates rows without a time. */
  readonly now: Date;
  /** How far ahead of the clock a row may be dated. */
  readonly clockToleranceSeconds: number;
  /** Told of each row that is refused, which is then left out; absent: such rows fail all. */
  readonly onInvalid?: ((refused: RefusedRow) => void) | undefined;
}

/**
 * Reads the rows of a post, each by itself.
 *
 * @throws DomainError `validation-failed` naming what is invalid in every row
 */
export function readPostedRows(rows: readonly unknown[], options: PostOptions): DatedInteraction[] {
  const { onInvalid } = options;
  const issues: Issue[] = [];
  const interactions: DatedInteraction[] = [];
  // No closures and rests of objects: rows are many.
  for (let row = 0; row < rows.length; row++) {
    const read = readRow(rows[row], row, options);
    if ('userId' in read) interactions.push(read);
    else if (onInvalid) onInvalid({ row, reason: reasonOf(read) });
    else
      for (const issue of read) issues.push({ ...issue, path: ['interactions', row, ...(issue.path ?? [])] });
  }
  if (issues.length > 0) throw validationProblem(issues);
  return interactions;
}

/** @returns the interaction, or why it is refused */
function readRow(
  fields: unknown,
  row: number,
  { now, clockToleranceSeconds }: PostOptions,
): DatedInteraction | readonly Issue[] {
  const { data, error } = postedInteraction.safeParse(fields);
  if (error) return error.issues;
  const interaction = toInteraction(data, row, now);
  const message = aheadOfClock(interaction.occurredAt, clockToleranceSeconds, now);
  return message === null ? interaction : [{ path: ['occurredAt'], message }];
}

function toInteraction(posted: PostedInteraction, row: number, now: Date): DatedInteraction {
  const { userId, itemId, type = DEFAULT_INTERACTION_TYPE, weight, occurredAt, recommendationId } = posted;
  return {
    userId,
    itemId,
    type,
    weight,
    occurredAt: occurredAt === undefined ? now : new Date(occurredAt),
    row,
    recommendedBy:
      recommendationId === undefined ? undefined : (readAttribution(recommendationId, now) ?? undefined),
  };
}
