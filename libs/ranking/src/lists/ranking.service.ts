import type { CountedItems } from '#data';
import type { SparseVector } from '#models';
import type { ServingCatalog } from '../catalog.js';
import type { KeyedHistory } from '../histories/cached-history.js';
import type { ItemColumn } from '../items/item-column.js';
import type { ModelHistory } from '../models/active-model.js';
import type { Boost } from './boost.js';
import { rankBoosted } from './boosted-ranking.js';
import {
  byInteractions,
  byModel,
  byPopularity,
  bySimilarity,
  inCatalogueOrder,
  NOTHING,
  amongCached,
} from './candidates.js';
import { diversify, numCandidates } from './diversity.js';
import { explain } from './explanation.js';
import { AT_ONCE_MS, MOST_ON_LOOP_MS, type KernelNeed, type LongCalls } from './kernel-need.js';
import { byDate } from './latest-items.js';
import type { Candidate, Ranking } from './list.js';
import { placePins } from './pins.js';
import { RankedList, seenKeys, type ListOptions } from './ranked-list.js';
import type { StepCounts } from './shortfall.js';
import { byModelAndTags, similarByTags, tagWeightsOf } from './tag-candidates.js';

/**
 * Makes ranked lists of k items wherever k exist: by the model and its tags, then by popularity,
 * then in catalogue order.
 */
export class RankingService {
  /** @param threads absent: the event loop scores everything */
  constructor(private readonly threads: LongCalls | null = null) {}

  async forHistory(catalog: ServingCatalog, history: KeyedHistory, options: ListOptions): Promise<Ranking> {
    const list = new RankedList(catalog, options, seenKeys(history));
    const past = catalog.active?.inModel(history);
    const folded = past?.history ?? NOTHING;
    return this.#withThread(list, past ? needOfHistory(list, past) : NO_NEED, async () => {
      const counts = options.boost
        ? await this.#fillBoosted(list, folded, options.boost)
        : await this.#fill(list, past);
      if (list.pins.length > 0) await placePins(list, folded);
      const ranking = list.finish(counts);
      return options.explain ? explain(list, folded, ranking) : ranking;
    });
  }

  /** @param counted by which items are ranked instead of by the active model */
  async popular(catalog: ServingCatalog, options: ListOptions, counted?: CountedItems): Promise<Ranking> {
    const list = new RankedList(catalog, options, new Int32Array());
    if (counted) list.add(byInteractions(list, counted, list.missing));
    if (counted && list.missing > 0 && list.admits(0)) list.add(inCatalogueOrder(list, list.missing));
    if (!counted) await this.#withThread(list, needOfDiversity(list), () => this.#fill(list));
    return list.finish();
  }

  /** The newest items by their own date. */
  async latest(catalog: ServingCatalog, options: ListOptions, dates: ItemColumn): Promise<Ranking> {
    const list = new RankedList(catalog, options, new Int32Array());
    list.add(await byDate(list, dates, options.k));
    return list.finish();
  }

  /** Items that the model relates to one item, or to its tags where it has never seen the item. */
  async similar(
    { active, ...rest }: ServingCatalog,
    itemKey: number,
    options: ListOptions,
  ): Promise<Ranking> {
    if (!active) return { items: [], reason: 'no-model' };
    const list = new RankedList({ active, ...rest }, options, Int32Array.of(itemKey));
    const itemIndex = active.indexOf(itemKey);
    const weights = itemIndex < 0 ? tagWeightsOf(list, itemKey) : null;
    if (itemIndex < 0 && !weights) return { items: [], reason: 'item-not-in-model' };
    const need = weights ? needOfMixture(list, weights) : needOfSimilar(list);
    const candidates = await this.#withThread(list, need, () =>
      weights
        ? similarByTags(list, active, weights, options.k)
        : bySimilarity(list, active, itemIndex, options.k),
    );
    list.add(candidates);
    return list.finish({ related: candidates.length });
  }

  async #withThread<Result>(
    list: RankedList,
    need: KernelNeed,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const { active } = list.catalog;
    if (!active || !this.threads || need.ms <= AT_ONCE_MS) return work();
    return this.threads.use(active, need, (calls) => {
      list.calls = calls;
      return work();
    });
  }

  async #fillBoosted(list: RankedList, folded: SparseVector, boost: Boost): Promise<StepCounts> {
    const { candidates, numFinite } = await rankBoosted(list, folded, boost, breadth(list));
    await this.#add(list, candidates);
    return { 'left-after-boost': numFinite + list.pins.length };
  }

  async #fill(list: RankedList, past?: ModelHistory): Promise<StepCounts> {
    const { active, counted } = list.catalog;
    const isPersonal = active !== null && past !== undefined && past.history.indices.length > 0;
    const byScore = list.catalog.newItems ? byModelAndTags : byModel;
    if (isPersonal) await this.#add(list, await best(list, (size) => byScore(list, active, past, size)));
    // Beside scores of a model, items that fill the list up count as 0.
    if (list.missing > 0 && active && (!isPersonal || list.admits(0)))
      await this.#add(list, await best(list, (size) => byPopularity(list, active, size)));
    if (list.missing > 0 && counted)
      await this.#add(list, await best(list, (size) => byInteractions(list, counted, size)));
    if (list.missing > 0 && list.admits(0)) list.add(inCatalogueOrder(list, list.missing));
    return {};
  }

  async #add(list: RankedList, candidates: readonly Candidate[]): Promise<void> {
    const { items, missing, options } = list;
    const { active } = list.catalog;
    const { diversity } = options;
    if (!active || !diversity) {
      list.add(candidates);
      return;
    }
    const admitted = candidates.filter(({ score }) => list.admits(score));
    const before = items.map(({ itemKey }) => itemKey);
    const { calls } = list;
    const { newItems } = list.catalog;
    list.add(await diversify(admitted, { active, calls, newItems, diversity, size: missing, before }));
  }
}

const NO_NEED: KernelNeed = { ms: 0, longestHistory: 0 };

/**
 * What a list for a history will ask of the model at most: the sum of all calls that it makes, in one thread.
 */
function needOfHistory(list: RankedList, past: ModelHistory): KernelNeed {
  const { options, catalog } = list;
  const { history: folded } = past;
  const times = catalog.active?.times;
  const longestHistory = folded.indices.length;
  const diverse = needOfDiversity(list);
  if (!times || longestHistory === 0) return diverse;
  const size = breadth(list) + (options.rotation?.size ?? 0);
  const scoring = past.scoringMs(times, size);
  const numGroups = catalog.newItems?.numGroups ?? 0;
  const asksForAll = !options.boost && (list.pins.length > 0 || past.isRepeatable || numGroups > 0);
  const explainingTags = Math.min(options.k, numGroups) * scoring;
  const explaining = options.explain ? options.k * times.explainMs(folded) + explainingTags : 0;
  const ms = (asksForAll ? 2 : 1) * scoring + explaining + diverse.ms;
  // Looking is only worth it where it decides something.
  const isCached =
    ms > MOST_ON_LOOP_MS && !options.boost && amongCached(list, catalog.active, past, size) !== null;
  return { ms: isCached ? ms - scoring : ms, longestHistory };
}

/** What a diverse list asks of the model: for each item what is similar to it, and what is most similar. */
function needOfDiversity({ options: { k, diversity }, catalog }: RankedList): KernelNeed {
  const times = catalog.active?.times;
  const ms = times && diversity ? 2 * k * times.similarMs(numCandidates(k)) : 0;
  return { ms, longestHistory: 1 };
}

/** What a list of similar items asks of the model. */
function needOfSimilar({ options: { k }, catalog }: RankedList): KernelNeed {
  return { ms: catalog.active?.times?.similarMs(k) ?? 0, longestHistory: 1 };
}

/** What a list of items like a mixture of items asks of the model. */
function needOfMixture({ options: { k }, catalog }: RankedList, weights: Float64Array): KernelNeed {
  const indices = Uint32Array.from(weights.keys()).filter((index) => weights[index] !== 0);
  const values = new Float32Array(indices.length).fill(1);
  const ms = catalog.active?.times?.scoringMs({ indices, values }, k) ?? 0;
  return { ms, longestHistory: indices.length };
}

/** The best candidates that `find` knows, after the rotation. */
function best(
  list: RankedList,
  find: (size: number) => Promise<readonly Candidate[]> | readonly Candidate[],
): Promise<readonly Candidate[]> | readonly Candidate[] {
  const size = breadth(list);
  const placeOf = (itemKey: number) => list.placeOf(itemKey);
  return list.options.rotation?.best(size, find, placeOf) ?? find(size);
}

/** How many candidates a list is chosen from. */
function breadth({ missing, options: { k, diversity } }: RankedList): number {
  return diversity ? numCandidates(k) : missing;
}
