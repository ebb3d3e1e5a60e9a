import { sortEntries, TurnTaking } from '#domain';
import { CsrMatrix, type ComputeThreads, type RankedItems, type RankedRows } from '#models';
import type { ServingCatalog } from '../catalog.js';
import type { KeyedHistory } from '../histories/cached-history.js';
import type { Bitmap } from '../items/bitmap.js';
import type { RankedItem, Ranking } from '../lists/list.js';
import { RankingService } from '../lists/ranking.service.js';
import type { BatchModel } from './batch-model.js';

/** A catalog with the model that makes the lists. */
export interface BatchCatalog extends ServingCatalog {
  readonly active: BatchModel;
}

export interface BatchOptions {
  readonly k: number;
  readonly filter?: Bitmap | undefined;
}

/** Histories of which all that a model can rank at once is ranked. */
export interface RankedBatch {
  readonly catalog: BatchCatalog;
  readonly histories: readonly KeyedHistory[];
  readonly options: BatchOptions;
  /** Null where the model ranks one by one. */
  readonly ranked: RankedRows | null;
  /** The row of each history in it; -1: it has none. */
  readonly rowOf: Int32Array;
}

/**
 * Scores of many histories at once may be summed in another order than those of one. Where two of them are
 * nearer than this share of the largest one, the list is ranked by itself.
 */
const NEAR = 2e-5;

/**
 * Lists for many histories, of the same items in the same order as `RankingService` makes one by one: all
 * compute threads rank them by the model, and the rest is as in any list.
 */
export class BatchRanking {
  readonly #ranking = new RankingService();

  constructor(private readonly compute: ComputeThreads) {}

  /** Ranks by the model, in the compute threads. */
  async rank(
    catalog: BatchCatalog,
    histories: readonly KeyedHistory[],
    options: BatchOptions,
  ): Promise<RankedBatch> {
    const { active } = catalog;
    const { recommender } = active.served;
    const { rows, rowOf } = toRows(active, recommender.recommendAll ? histories : []);
    const batch = { catalog, histories, options, rowOf };
    if (!recommender.recommendAll || rows.numRows === 0) return { ...batch, ranked: null };
    const allowed = allowedOf(catalog, options.filter);
    const ranked = await recommender.recommendAll(this.compute, rows, options.k + 1, { allowed });
    return { ...batch, ranked };
  }

  /**
   * The lists of ranked histories, in their order; one batch at a time.
   *
   * @param signal breaks it off between two lists
   */
  async *lists(batch: RankedBatch, signal?: AbortSignal): AsyncGenerator<Ranking> {
    const turns = new TurnTaking();
    let withoutHistory: Ranking | undefined;
    for (const [place, history] of batch.histories.entries()) {
      await turns.pause();
      signal?.throwIfAborted();
      const isEmpty = history.itemKeys.length === 0 && !history.alsoSeen;
      const known = isEmpty ? withoutHistory : listByModel(batch, place);
      const list = known ?? (await this.#listAlone(batch, place));
      if (isEmpty) withoutHistory = list;
      yield list;
    }
  }

  /** The model is asked nothing that it has ranked already. */
  async #listAlone(batch: RankedBatch, place: number): Promise<Ranking> {
    const { catalog, options } = batch;
    const history = batch.histories[place]!;
    const best = bestOf(batch, place);
    if (!best) return this.#ranking.forHistory(catalog, history, options);
    const { active } = catalog;
    active.calls.prepare(options.k, { history: active.inModel(history).history, best });
    const list = await this.#ranking.forHistory(catalog, history, options);
    active.calls.prepare(0, null);
    return list;
  }
}

/** What was ranked for a history; null where that may not be what the list has to have. */
function bestOf({ catalog, options, ranked, rowOf }: RankedBatch, place: number): RankedItems | null {
  const row = rowOf[place]!;
  if (!ranked || row < 0) return null;
  const start = row * ranked.k;
  const scores = ranked.scores.subarray(start, start + ranked.counts[row]!);
  const { active, items } = catalog;
  if (!active.served.recommender.ranksAllAlike && !isClear(scores)) return null;
  const length = Math.min(options.k, scores.length);
  const indices = ranked.columns.subarray(start, start + length);
  // Some may be gone since they were ranked.
  for (const index of indices) if (!items.isAvailable(active.keyOf(index))) return null;
  return { indices, scores: scores.subarray(0, length) };
}

/** The list of a history where the model fills it by itself; null otherwise. */
function listByModel(batch: RankedBatch, place: number): Ranking | null {
  const { catalog, options } = batch;
  const best = (catalog.newItems?.numGroups ?? 0) === 0 ? bestOf(batch, place) : null;
  // Best first: if the last one is above 0, all are.
  if (!best || !(best.scores[options.k - 1]! > 0)) return null;
  const { active, items: known } = catalog;
  const items: RankedItem[] = [];
  for (let rank = 0; rank < best.indices.length; rank++) {
    const itemKey = active.keyOf(best.indices[rank]!);
    items.push({ itemKey, score: best.scores[rank]!, source: 'model', item: known.findByKey(itemKey)! });
  }
  return { items, reason: undefined };
}

/**
 * Histories as rows of a matrix, those that a model can tell the list of by the history alone. Items of value
 * 0, which were seen and not liked, stay out of the lists by it; a history of nothing else has no row.
 */
function toRows(active: BatchModel, histories: readonly KeyedHistory[]) {
  const size = histories.reduce((sum, { itemKeys }) => sum + itemKeys.length, 0);
  const [indices, values] = [new Uint32Array(size), new Float32Array(size)];
  const [indptr, rowOf] = [new Uint32Array(histories.length + 1), new Int32Array(histories.length).fill(-1)];
  let [numRows, length] = [0, 0];
  for (const [place, { itemKeys, values: weights, repeatable, alsoSeen }] of histories.entries()) {
    if (repeatable || alsoSeen) continue;
    const start = length;
    let isPersonal = false;
    for (let n = 0; n < itemKeys.length; n++) {
      const index = active.indexOf(itemKeys[n]!);
      if (index < 0) continue;
      const weight = weights[n]!;
      isPersonal ||= weight !== 0;
      indices[length] = index;
      values[length++] = weight;
    }
    if (isPersonal) {
      sortEntries(indices, values, start, length);
      rowOf[place] = numRows;
      indptr[++numRows] = length;
    } else length = start;
  }
  const rows = new CsrMatrix({
    ...{ numRows, numCols: active.served.itemKeys.length, indptr: indptr.slice(0, numRows + 1) },
    ...{ indices: indices.slice(0, length), values: values.slice(0, length) },
  });
  return { rows, rowOf };
}

/** One byte an item of the model. */
function allowedOf({ active, items }: BatchCatalog, filter: Bitmap | undefined): Uint8Array {
  const allowed = active.allowed(items);
  return filter
    ? allowed.map((isOpen, index) => (isOpen && filter.has(active.keyOf(index)) ? 1 : 0))
    : allowed;
}

/** False where another order of the sums may change the order of the items, or which of them are above 0. */
function isClear(scores: Float32Array): boolean {
  const near = NEAR * Math.abs(scores[0] ?? 0);
  for (let rank = 0; rank < scores.length; rank++) {
    const score = scores[rank]!;
    if (isNear(score, near) || (rank > 0 && isNear(scores[rank - 1]! - score, near))) return false;
  }
  return true;
}

function isNear(distance: number, near: number): boolean {
  return distance !== 0 && Math.abs(distance) < near;
}
