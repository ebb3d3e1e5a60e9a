/** A page of a list; `nextPosition` is null on the last one. */
export interface Page<Entry> {
  readonly items: Entry[];
  readonly nextPosition: string | null;
}

/** Cuts a result of up to `limit + 1` rows into a page; its position is the key of its last entry. */
export function toPage<Entry>(
  entries: readonly Entry[],
  limit: number,
  keyOf: (entry: Entry) => string,
): Page<Entry> {
  const items = entries.slice(0, limit);
  const last = items.at(-1);
  return { items, nextPosition: entries.length > limit && last !== undefined ? keyOf(last) : null };
}

/** What finds a page of rows whose ids grow with time, the newest first. */
export function newestFirst(before: string | null, limit: number) {
  return {
    where: before === null ? {} : { id: { lt: before } },
    orderBy: { id: 'desc' },
    take: limit + 1,
  } as const;
}
