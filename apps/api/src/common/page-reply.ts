import { z } from 'zod';

/** A page of a list; `nextCursor` is null on the last one. */
export interface CursorPage<Entry> {
  readonly items: readonly Entry[];
  readonly nextCursor: string | null;
}

/** Documents a page of entries under the name `<entry>Page`. */
export function pageOf(id: string, entry: z.ZodType) {
  return z.object({ items: z.array(entry), nextCursor: z.string().optional() }).meta({ id: `${id}Page` });
}

/** A list as every call answers it; the last page has no `nextCursor`. */
export function toPageReply<Entry, Reply>(
  { items, nextCursor }: CursorPage<Entry>,
  toReply: (entry: Entry) => Reply,
): { items: Reply[]; nextCursor?: string } {
  return { items: items.map(toReply), ...(nextCursor !== null && { nextCursor }) };
}
