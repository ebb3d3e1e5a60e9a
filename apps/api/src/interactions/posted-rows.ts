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
  const { now, clockToleranceSeconds, onInvalid } = options;
  const issues: Issue[] = [];
  const refuse = (row: number, found: readonly Issue[]): [] => {
    if (onInvalid) onInvalid({ row, reason: reasonOf(found) });
    else
      for (const issue of found)
        issues.push({ ...issue, path: ['interactions', row, ...(issue.path ?? [])] });
    return [];
  };
  const interactions = rows.flatMap((fields, row) => {
    const { data, error } = postedInteraction.safeParse(fields);
    if (error) return refuse(row, error.issues);
    const interaction = toInteraction(data, row, now);
    const message = aheadOfClock(interaction.occurredAt, clockToleranceSeconds, now);
    return message === null ? [interaction] : refuse(row, [{ path: ['occurredAt'], message }]);
  });
  if (issues.length > 0) throw validationProblem(issues);
  return interactions;
}

function toInteraction(posted: PostedInteraction, row: number, now: Date): DatedInteraction {
  const { type = DEFAULT_INTERACTION_TYPE, occurredAt, recommendationId, ...rest } = posted;
  return {
    ...rest,
    row,
    recommendedBy: readAttribution(recommendationId ?? '', now) ?? undefined,
    type,
    occurredAt: occurredAt === undefined ? now : new Date(occurredAt),
  };
}
