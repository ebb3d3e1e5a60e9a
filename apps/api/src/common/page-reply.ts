import type { Page } from '@app/data';

/** A list as every call answers it; the last page has no `nextCursor`. */
export function toPageReply<Entry, Reply>(
  { items, nextCursor }: Page<Entry>,
  toReply: (entry: Entry) => Reply,
): { items: Reply[]; nextCursor?: string } {
  return { items: items.map(toReply), ...(nextCursor !== null && { nextCursor }) };
}
