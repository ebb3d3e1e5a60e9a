import { z } from 'zod';
import { CURSOR, flag, queryNumber } from '../../../common/schemas.js';
import type { PersonalRequest } from './list-options.dto.js';

/** What only lists for users understand. */

const MAX_HALF_LIFE_HOURS = 8_760;
const DEFAULT_HALF_LIFE_HOURS = 24;
const MAX_CURSOR_LENGTH = 128;

const strength = z.number().min(0).max(1);
const hours = z.number().gt(0).max(MAX_HALF_LIFE_HOURS);
const TEXT = {
  rotation:
    'from 0 (off) to 1: how much lower items rank that such a list has shown lately (docs/recommendations.md)',
  halfLife: 'hours after which what was shown counts half',
};

/** In a query. */
export const rotationQueryOptions = {
  rotation: queryNumber(strength).optional().meta({ description: TEXT.rotation, example: 0.5 }),
  rotationHalfLifeHours: queryNumber(hours)
    .default(DEFAULT_HALF_LIFE_HOURS)
    .meta({ description: TEXT.halfLife, example: 12 }),
};

/** In a body. */
export const rotationOptions = {
  rotation: strength.optional().describe(TEXT.rotation),
  rotationHalfLifeHours: hours.default(DEFAULT_HALF_LIFE_HOURS).describe(TEXT.halfLife),
};

export const pagingOptions = {
  paging: flag.meta({ description: 'keeps the list and answers `nextCursor`', example: 'false' }),
  cursor: z.string().min(1).max(MAX_CURSOR_LENGTH).optional().meta({
    description: '`nextCursor` of the page before; beside it only `k` and `fields` can be said',
    pattern: CURSOR,
  }),
};

/** What a list for a user understands. */
export type UserRequest = PersonalRequest & {
  readonly rotation?: number | undefined;
  readonly rotationHalfLifeHours: number;
  readonly paging?: boolean;
  readonly cursor?: string | undefined;
};

/** What can be said with a cursor. */
const WITH_CURSOR = new Set(['k', 'fields', 'paging', 'cursor', 'rotationHalfLifeHours']);

/** A later page is of the list that the first one began; reasons are not kept. */
export function checkPaging(
  request: {
    readonly explain?: boolean;
    readonly preview: boolean;
    readonly paging?: boolean;
    readonly cursor?: string | undefined;
  },
  context: z.RefinementCtx,
): void {
  const refuse = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message });
  if (request.explain && request.paging) refuse('explain', 'is not possible with paging');
  if (request.preview && request.paging) refuse('preview', 'is not possible with paging');
  if (request.cursor === undefined) return;
  for (const [name, value] of Object.entries(request))
    if (!WITH_CURSOR.has(name) && isGiven(value)) refuse(name, 'is said with the first page only');
}

/** Options that are absent are undefined, false or empty. */
function isGiven(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== false;
}
