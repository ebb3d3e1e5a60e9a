import { shortestFloat32 } from '#domain';
import type { Contribution, SparseVector } from '#models';
import type { TagGroup } from '../new-items/new-items.js';
import type { RankedItem, Ranking } from './list.js';
import type { RankedList } from './ranked-list.js';
import { tagWeightsOf } from './tag-candidates.js';

/**
 * Adds to the model's items, and to those that it knows by their tags, the past items that made each score.
 */
export async function explain(list: RankedList, history: SparseVector, ranking: Ranking): Promise<Ranking> {
  const { active, items } = list.catalog;
  if (!active || history.indices.length === 0) return ranking;
  const own = ranking.items.filter(({ source }) => source === 'model');
  const parts = await list.calls.explain(
    history,
    own.map(({ itemKey }) => active.indexOf(itemKey)),
  );
  const partsOf = new Map(own.map((entry, position) => [entry, parts[position]!]));
  for (const [entry, ofTags] of await explainTags(list, history, ranking)) partsOf.set(entry, ofTags);
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

/** The parts of new items' scores, asked for once for all items with the same tags. */
async function explainTags(
  list: RankedList,
  history: SparseVector,
  { items }: Ranking,
): Promise<Map<RankedItem, Contribution[]>> {
  const explained = new Map<TagGroup | undefined, Contribution[]>();
  const partsOf = new Map<RankedItem, Contribution[]>();
  for (const entry of items.filter(({ source }) => source === 'tags')) {
    const group = list.catalog.newItems?.groupOf(entry.itemKey);
    const weights = explained.has(group) ? null : tagWeightsOf(list, entry.itemKey);
    if (weights) explained.set(group, await list.calls.explainMixture(history, weights));
    const parts = explained.get(group);
    if (parts) partsOf.set(entry, parts);
  }
  return partsOf;
}
