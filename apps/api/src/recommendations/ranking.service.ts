import { Injectable } from '@nestjs/common';
import type { SparseVector } from '@app/models';
import type { ActiveModel } from '../serving/active-model.js';
import { shortestFloat32 } from '../serving/float32.js';
import type { ServingCatalog } from '../serving/serving-catalogs.js';
import { RankedList, type ListOptions, type Ranking } from './ranked-list.js';

/** What a list is made for: ascending distinct item keys, each with its value. */
export interface KeyedHistory {
  readonly itemKeys: Int32Array;
  readonly values: Float32Array;
}

const NOTHING: SparseVector = { indices: new Uint32Array(), values: new Float32Array() };

/** Makes ranked lists of k items wherever k exist: by the model, then by popularity, then in catalogue order. */
@Injectable()
export class RankingService {
  forHistory(catalog: ServingCatalog, history: KeyedHistory, options: ListOptions): Ranking {
    const { active } = catalog;
    const list = new RankedList(catalog, options, history.itemKeys);
    const known = active?.toHistory(history.itemKeys, history.values) ?? NOTHING;
    if (active && known.indices.length > 0) addByModel(list, active, known);
    // Beside scores of a model, items that fill the list up count as 0.
    if (active && (known.indices.length === 0 || list.admits(0))) addPopular(list, active);
    addRemaining(list);
    return list.finish(active);
  }

  popular(catalog: ServingCatalog, options: ListOptions): Ranking {
    const { active } = catalog;
    const list = new RankedList(catalog, options, []);
    if (active) addPopular(list, active);
    addRemaining(list);
    return list.finish(active);
  }

  /** Items that the model relates to one item; an item that it has never seen has none. */
  similar(catalog: ServingCatalog, itemKey: number, options: ListOptions): Ranking {
    const { active } = catalog;
    const itemIndex = active?.indexOf(itemKey) ?? -1;
    if (!active || itemIndex < 0)
      return {
        items: [],
        reason: active ? 'item-not-in-model' : 'no-model',
        modelId: active?.model.id ?? null,
      };
    const list = new RankedList(catalog, options, [itemKey]);
    const ranked = active.served.recommender.similarItems(itemIndex, options.k, {
      allowed: list.allowed(active),
    });
    const related = ranked.scores.filter((score) => score > 0).length;
    for (let rank = 0; rank < related; rank++)
      list.add(active.keyOf(ranked.indices[rank]!), ranked.scores[rank]!, 'model');
    return list.finish(active, { related });
  }
}

function addByModel(list: RankedList, active: ActiveModel, history: SparseVector): void {
  const { k, explain = false } = list.options;
  const { indices, scores } = active.served.recommender.recommend(history, k, {
    allowed: list.allowed(active),
  });
  indices.forEach((index, rank) => {
    const score = scores[rank]!;
    if (score <= 0 || !list.admits(score)) return;
    list.add(
      active.keyOf(index),
      score,
      'model',
      explain ? reasons(list, active, history, index) : undefined,
    );
  });
}

function reasons(list: RankedList, active: ActiveModel, history: SparseVector, itemIndex: number) {
  return active.served.recommender.explain(history, itemIndex).flatMap((contribution) => {
    const past = list.catalog.items.findByKey(active.keyOf(contribution.itemIndex));
    return past ? [{ itemId: past.itemId, part: shortestFloat32(contribution.part) }] : [];
  });
}

function addPopular(list: RankedList, active: ActiveModel): void {
  if (list.missing === 0) return;
  const { indices, scores } = active.served.popularity.recommend(NOTHING, list.missing, {
    allowed: list.allowed(active),
  });
  indices.forEach((index, rank) => list.add(active.keyOf(index), scores[rank]!, 'popular'));
}

/** Items that no model has seen yet, so that new ones can be found at all. */
function addRemaining(list: RankedList): void {
  if (list.missing === 0 || !list.admits(0)) return;
  for (const key of list.catalog.items.availableKeys()) {
    list.add(key, 0, 'catalogue');
    if (list.missing === 0) return;
  }
}
