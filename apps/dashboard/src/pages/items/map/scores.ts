import type { BatchLine } from '@sparserec/client';
import type { Scores } from './closeness.js';

/** An item, and what the active model relates to it. */
export interface Neighbourhood {
  readonly itemId: string;
  readonly items: readonly { readonly itemId: string; readonly score: number }[];
}

/**
 * The rows of all items of a neighbourhood: that of the item itself is the list of what is like it, those of
 * its neighbours are what a basket of each alone scores.
 *
 * @param lines one of JSON a neighbour; one without a list makes a row of zeros
 */
export function scoresOf({ itemId, items }: Neighbourhood, lines: string): Scores {
  const places = new Map([itemId, ...items.map((one) => one.itemId)].map((id, place) => [id, place]));
  const rows = Array.from(places, () => Array<number>(places.size).fill(0));
  items.forEach((one, n) => (rows[0]![n + 1] = one.score));
  const answered = lines.split('\n').filter((line) => line !== '');
  for (const { index, items: list = [] } of answered.map((line) => JSON.parse(line) as BatchLine))
    for (const { itemId: id, score, source } of list) {
      const place = places.get(id);
      // What fills the list up was not scored by the model.
      if (place !== undefined && source === 'model') rows[index + 1]![place] = Math.max(0, score);
    }
  return rows;
}
