import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { SparseVector } from '@app/models';
import type { ActiveModel } from '../serving/active-model.js';
import type { ServingCatalog } from '../serving/serving-catalogs.js';
import { shortestFloat32 } from '../serving/float32.js';
import type { RecommendationReply, RecommendedItem } from './dto/recommendation.dto.js';

/** What a list is made for: ascending distinct item keys, each with its value. */
export interface KeyedHistory {
  readonly itemKeys: Int32Array;
  readonly values: Float32Array;
}

export interface ListOptions {
  readonly k: number;
  readonly explain?: boolean;
  /** Keys that must not be answered, beside the history. */
  readonly exclude?: readonly number[];
}

/** Makes ranked lists of k items wherever k exist: by the model, then by popularity, then in catalogue order. */
@Injectable()
export class RankingService {
  forHistory(catalog: ServingCatalog, history: KeyedHistory, options: ListOptions): RecommendationReply {
    const list = new RankedList(catalog, options.k, [...history.itemKeys, ...(options.exclude ?? [])]);
    const { active } = catalog;
    if (active) {
      const known = active.toHistory(history.itemKeys, history.values);
      addByModel(list, active, known, options.explain ?? false);
      addPopular(list, active);
    }
    addRemaining(list);
    return reply(list, active);
  }

  popular(catalog: ServingCatalog, k: number): RecommendationReply {
    const list = new RankedList(catalog, k, []);
    if (catalog.active) addPopular(list, catalog.active);
    addRemaining(list);
    return reply(list, catalog.active);
  }

  /** Items that the model relates to one item; an item that it has never seen has none. */
  similar(catalog: ServingCatalog, itemKey: number, k: number): RecommendationReply {
    const list = new RankedList(catalog, k, [itemKey]);
    const { active } = catalog;
    const itemIndex = active?.indexOf(itemKey) ?? -1;
    if (active && itemIndex >= 0) {
      const { indices, scores } = active.served.recommender.similarItems(itemIndex, k, {
        allowed: list.allowed(active),
      });
      indices.forEach(
        (index, rank) => scores[rank]! > 0 && list.add(active.keyOf(index), scores[rank]!, 'model'),
      );
    }
    return reply(list, active);
  }
}

/** A list on its way: what is in it, what may still come, how much is missing. */
class RankedList {
  readonly items: RecommendedItem[] = [];
  readonly #taken: Set<number>;

  constructor(
    readonly catalog: ServingCatalog,
    readonly k: number,
    taken: readonly number[],
  ) {
    this.#taken = new Set(taken);
  }

  get missing(): number {
    return this.k - this.items.length;
  }

  /** Mask of items that may still come, by index in the model. */
  allowed(active: ActiveModel): Uint8Array {
    const mask = active.allowed(this.catalog.items).slice();
    for (const key of this.#taken) {
      const index = active.indexOf(key);
      if (index >= 0) mask[index] = 0;
    }
    return mask;
  }

  add(
    itemKey: number,
    score: number,
    source: RecommendedItem['source'],
    because?: RecommendedItem['because'],
  ): void {
    const item = this.catalog.items.findByKey(itemKey);
    if (!item?.available || this.#taken.has(itemKey) || this.missing === 0) return;
    this.#taken.add(itemKey);
    const { itemId, title } = item;
    this.items.push({
      itemId,
      ...(title !== null && { title }),
      score: shortestFloat32(score),
      source,
      ...(because && { because }),
    });
  }
}

function addByModel(list: RankedList, active: ActiveModel, history: SparseVector, explain: boolean): void {
  if (history.indices.length === 0) return;
  const { recommender } = active.served;
  const { indices, scores } = recommender.recommend(history, list.k, { allowed: list.allowed(active) });
  indices.forEach((index, rank) => {
    if (scores[rank]! <= 0) return;
    const because = explain ? reasons(list, active, history, index) : undefined;
    list.add(active.keyOf(index), scores[rank]!, 'model', because);
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
  const nobody = { indices: new Uint32Array(), values: new Float32Array() };
  const { indices, scores } = active.served.popularity.recommend(nobody, list.missing, {
    allowed: list.allowed(active),
  });
  indices.forEach((index, rank) => list.add(active.keyOf(index), scores[rank]!, 'popular'));
}

/** Items that no model has seen yet, so that new ones can be found at all. */
function addRemaining(list: RankedList): void {
  if (list.missing === 0) return;
  for (const key of list.catalog.items.availableKeys()) {
    list.add(key, 0, 'catalogue');
    if (list.missing === 0) return;
  }
}

function reply(list: RankedList, active: ActiveModel | null): RecommendationReply {
  return { items: list.items, modelId: active?.model.id ?? null, recommendationId: uuid() };
}
