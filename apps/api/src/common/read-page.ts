import type { Page } from '#data';
import { decodeCursor, encodeCursor, type ListName } from './cursor.js';
import type { CursorPage } from './page-reply.js';
import type { PageQuery } from './schemas.js';

/**
 * One page of a list of rows, whose position is the key of the last entry.
 *
 * @throws DomainError `validation-failed` for what is no cursor of this list
 */
export async function readPage<Entry>(
  list: ListName,
  { cursor, limit }: PageQuery,
  find: (after: string | null, limit: number) => Promise<Page<Entry>>,
): Promise<CursorPage<Entry>> {
  const after = cursor === undefined ? null : decodeCursor(list, cursor).toString();
  const { items, nextPosition } = await find(after, limit);
  return { items, nextCursor: nextPosition === null ? null : encodeCursor(list, Buffer.from(nextPosition)) };
}
