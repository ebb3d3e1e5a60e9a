import type { SparseVector } from '@app/models';
import { shortestFloat32 } from '../serving/float32.js';
import type { RankedItem, RankedList, Ranking } from './ranked-list.js';

/** Adds to the model's items the past items that made each score. */
export async function explain(list: RankedList, history: SparseVector, ranking: Ranking): Promise<Ranking> {
  const { active, items } = list.catalog;
  if (!active || history.indices.length === 0) return ranking;
  const own = ranking.items.filter(({ source }) => source === 'model');
  const parts = await list.calls.explain(
    history,
    own.map(({ itemKey }) => active.indexOf(itemKey)),
  );
  const partsOf = new Map(own.map((entry, position) => [entry, parts[position]!]));
  const because = (entry: RankedItem) =>
    partsOf.get(entry)?.flatMap(({ itemIndex, part }) => {
      const past = items.findByKey(active.keyOf(itemIndex));
      return past ? [{ itemId: past.itemId, part: shortestFloat32(part) }] : [];
    });
  return {
    ...ranking,
    items: ranking.items.map((entry) => {
      const reasons = because(entry);
      return reasons ? { ...entry, because: reasons } : entry;
    }),
  };
}
