import type { Page } from '@app/data';
import { z } from 'zod';

/** Documents a page of entries under the name `<entry>Page`. */
export function pageOf(id: string, entry: z.ZodType) {
  return z.object({ items: z.array(entry), nextCursor: z.string().optional() }).meta({ id: `${id}Page` });
}

/** A list as every call answers it; the last page has no `nextCursor`. */
export function toPageReply<Entry, Reply>(
  { items, nextCursor }: Page<Entry>,
  toReply: (entry: Entry) => Reply,
): { items: Reply[]; nextCursor?: string } {
  return { items: items.map(toReply), ...(nextCursor !== null && { nextCursor }) };
}
