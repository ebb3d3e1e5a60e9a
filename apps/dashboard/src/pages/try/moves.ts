/** Places that an item has come up, or gone down where it is negative; `new` where it was not there. */
export type Move = number | 'new';

/** How each item of a list has moved from another one. */
export function movesOf(before: readonly string[], after: readonly string[]): Map<string, Move> {
  const places = new Map(before.map((id, place) => [id, place]));
  return new Map(
    after.map((id, place) => {
      const old = places.get(id);
      return [id, old === undefined ? 'new' : old - place];
    }),
  );
}

export function wordsOfMove(move: Move): string {
  if (move === 'new') return 'was not in the other list';
  if (move === 0) return 'is at the same place in the other list';
  const places = Math.abs(move) === 1 ? '1 place' : `${Math.abs(move)} places`;
  return `is ${places} ${move > 0 ? 'higher' : 'lower'} than in the other list`;
}
