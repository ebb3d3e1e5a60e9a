const DAY_MS = 86_400_000;

export interface Day {
  /** As `2026-11-01`. */
  readonly date: string;
  readonly interactions: number;
}

/** Every day from the first to the last one, with 0 for those that have none. */
export function daysOf(known: readonly Day[]): Day[] {
  const [first, last] = [known[0], known.at(-1)];
  if (!first || !last) return [];
  const counts = new Map(known.map(({ date, interactions }) => [date, interactions]));
  const begin = Date.parse(first.date);
  const length = Math.round((Date.parse(last.date) - begin) / DAY_MS) + 1;
  return Array.from({ length }, (_, n) => {
    const date = new Date(begin + n * DAY_MS).toISOString().slice(0, 10);
    return { date, interactions: counts.get(date) ?? 0 };
  });
}
