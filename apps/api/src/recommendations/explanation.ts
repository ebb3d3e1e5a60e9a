import type { SparseVector } from '@app/models';
import { shortestFloat32 } from '../serving/float32.js';
import type { ServingCatalog } from '../serving/serving-catalogs.js';
import type { RankedItem, Ranking } from './ranked-list.js';

/** Adds to the model's items the past items that made each score. */
export function explain({ active, items }: ServingCatalog, history: SparseVector, ranking: Ranking): Ranking {
  if (!active || history.indices.length === 0) return ranking;
  const because = ({ itemKey }: RankedItem) =>
    active.served.recommender.explain(history, active.indexOf(itemKey)).flatMap(({ itemIndex, part }) => {
      const past = items.findByKey(active.keyOf(itemIndex));
      return past ? [{ itemId: past.itemId, part: shortestFloat32(part) }] : [];
    });
  return {
    ...ranking,
    items: ranking.items.map((entry) =>
      entry.source === 'model' ? { ...entry, because: because(entry) } : entry,
    ),
  };
}
