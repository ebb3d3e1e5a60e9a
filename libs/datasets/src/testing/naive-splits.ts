import type { CoreLimits } from '../splits/core.js';

/** One interaction as a row; value 0 is of a negative type. */
export interface Row {
  readonly user: number;
  readonly item: number;
  readonly value: number;
  readonly time: number;
}

/** Pair values by `user,item`, each from all of its rows. */
export function naivePairs(rows: readonly Row[]): Map<string, number> {
  const pairs = new Map<string, number>();
  for (const { user, item } of rows) {
    const own = rows.filter((row) => row.user === user && row.item === item);
    const newest = Math.max(...own.map(({ time }) => time));
    const isDisliked = own.some(({ time, value }) => time === newest && value === 0);
    pairs.set(`${user},${item}`, isDisliked ? 0 : Math.max(...own.map(({ value }) => value)));
  }
  return pairs;
}

/** Takes out what has too few likes, again and again until nothing has. */
export function naiveCore(rows: readonly Row[], { minUser, minItem }: CoreLimits): readonly Row[] {
  const likes = [...naivePairs(rows)].filter(([, value]) => value > 0).map(([pair]) => pair.split(','));
  const likesOf = (side: 0 | 1, number: number) =>
    likes.filter((like) => Number(like[side]) === number).length;
  const kept = rows.filter(({ user, item }) => likesOf(0, user) >= minUser && likesOf(1, item) >= minItem);
  return kept.length === rows.length ? rows : naiveCore(kept, { minUser, minItem });
}

/** Names of the pairs that are held out. */
export function naiveLast(rows: readonly Row[], count: number): string[] {
  const pairs = naivePairs(rows);
  const firstOf = new Map<string, Row>();
  const byTime = rows
    .map((row, place) => ({ row, place }))
    .sort((a, b) => a.row.time - b.row.time || a.place - b.place);
  for (const { row } of byTime) {
    const pair = `${row.user},${row.item}`;
    if (!firstOf.has(pair)) firstOf.set(pair, row);
  }
  const liked = [...firstOf].filter(([pair]) => pairs.get(pair)! > 0);
  const users = [...new Set(rows.map(({ user }) => user))];
  return users.flatMap((user) => {
    const own = liked.filter(([, row]) => row.user === user).map(([pair]) => pair);
    return own.length > count ? own.slice(-count) : [];
  });
}
