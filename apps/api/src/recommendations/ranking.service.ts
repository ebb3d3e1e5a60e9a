import { Injectable } from '@nestjs/common';
import type { SparseVector } from '@app/models';
import type { ActiveModel } from '../serving/active-model.js';
import type { ServingCatalog } from '../serving/serving-catalogs.js';
import type { Boost } from './boost/boosts.js';
import { rankBoosted } from './boost/boosted-ranking.js';
import { byModel, byPopularity, bySimilarity, inCatalogueOrder, NOTHING } from './candidates.js';
import { explain } from './explanation.js';
import { RankedList, type ListOptions, type Ranking } from './ranked-list.js';
import type { StepCounts } from './shortfall.js';

/** What a list is made for: ascending distinct item keys, each with its value. */
export interface KeyedHistory {
  readonly itemKeys: Int32Array;
  readonly values: Float32Array;
}

/** Makes ranked lists of k items wherever k exist: by the model, then by popularity, then in catalogue order. */
@Injectable()
export class RankingService {
  async forHistory(catalog: ServingCatalog, history: KeyedHistory, options: ListOptions): Promise<Ranking> {
    const list = new RankedList(catalog, options, history.itemKeys);
    const known = catalog.active?.toHistory(history.itemKeys, history.values) ?? NOTHING;
    const counts = options.boost
      ? await this.#fillBoosted(list, known, options.boost)
      : this.#fill(list, catalog.active, known);
    const ranking = list.finish(counts);
    return options.explain ? explain(catalog, known, ranking) : ranking;
  }

  popular(catalog: ServingCatalog, options: ListOptions): Ranking {
    const list = new RankedList(catalog, options, []);
    this.#fill(list, catalog.active, NOTHING);
    return list.finish();
  }

  /** Items that the model relates to one item; an item that it has never seen has none. */
  similar({ active, ...rest }: ServingCatalog, itemKey: number, options: ListOptions): Ranking {
    const itemIndex = active?.indexOf(itemKey) ?? -1;
    if (!active || itemIndex < 0) return { items: [], reason: active ? 'item-not-in-model' : 'no-model' };
    const list = new RankedList({ active, ...rest }, options, [itemKey]);
    const candidates = bySimilarity(list, active, itemIndex, options.k);
    list.add(candidates);
    return list.finish({ related: candidates.length });
  }

  async #fillBoosted(list: RankedList, known: SparseVector, boost: Boost): Promise<StepCounts> {
    const { candidates, numFinite } = await rankBoosted(list, known, boost, list.missing);
    list.add(candidates);
    return { 'left-after-boost': numFinite };
  }

  #fill(list: RankedList, active: ActiveModel | null, known: SparseVector): StepCounts {
    const isPersonal = active !== null && known.indices.length > 0;
    if (isPersonal) list.add(byModel(list, active, known, list.missing));
    // Beside scores of a model, items that fill the list up count as 0.
    if (list.missing > 0 && active && (!isPersonal || list.admits(0)))
      list.add(byPopularity(list, active, list.missing));
    if (list.missing > 0 && list.admits(0)) list.add(inCatalogueOrder(list, list.missing));
    return {};
  }
}
