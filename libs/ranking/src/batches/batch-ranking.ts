import { sortEntries, TurnTaking } from '#domain';
import {
  CsrMatrix,
  type ComputeThreads,
  type RankedItems,
  type RankedRows,
  type SparseVector,
} from '#models';
import type { ServingCatalog } from '../catalog.js';
import type { KeyedHistory } from '../histories/cached-history.js';
import type { Bitmap } from '../items/bitmap.js';
import type { Ranking } from '../lists/list.js';
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

/**
 * Scores of many histories at once are summed in another order than those of one. Where two of them are
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

  /** @param signal breaks it off between two lists */
  async rank(
    catalog: BatchCatalog,
    histories: readonly KeyedHistory[],
    options: BatchOptions,
    signal?: AbortSignal,
  ): Promise<Ranking[]> {
    const prepared = await this.#prepare(catalog, histories, options);
    catalog.active.calls.prepare(options.k, prepared);
    const turns = new TurnTaking();
    const lists: Ranking[] = [];
    let withoutHistory: Ranking | undefined;
    for (const history of histories) {
      await turns.pause();
      signal?.throwIfAborted();
      const isEmpty = history.itemKeys.length === 0 && !history.alsoSeen;
      const list = isEmpty ? withoutHistory : undefined;
      lists.push(list ?? (await this.#ranking.forHistory(catalog, history, options)));
      if (isEmpty) withoutHistory = lists.at(-1);
    }
    catalog.active.calls.prepare(0, new Map());
    return lists;
  }

  async #prepare(
    catalog: BatchCatalog,
    histories: readonly KeyedHistory[],
    { k, filter }: BatchOptions,
  ): Promise<Map<SparseVector, RankedItems>> {
    const { active } = catalog;
    const { recommender } = active.served;
    const prepared = new Map<SparseVector, RankedItems>();
    // Of these lists the model cannot tell what may be in it by the history alone.
    const plain = histories.filter(({ repeatable, alsoSeen }) => !repeatable && !alsoSeen);
    const personal = plain.filter((history) => active.inModel(history).history.indices.length > 0);
    if (!recommender.recommendAll || personal.length === 0) return prepared;
    const rows = toRows(active, personal);
    const allowed = allowedOf(catalog, filter);
    const ranked = await recommender.recommendAll(this.compute, rows, k + 1, { allowed });
    personal.forEach((history, row) => {
      const items = rankedOf(ranked, row);
      if (isClear(items)) prepared.set(active.inModel(history).history, first(items, k));
    });
    return prepared;
  }
}

/** Histories as a matrix. Items of value 0, which were seen and not liked, stay out of the lists by it. */
function toRows(active: BatchModel, histories: readonly KeyedHistory[]): CsrMatrix {
  const size = histories.reduce((sum, { itemKeys }) => sum + itemKeys.length, 0);
  const [indices, values] = [new Uint32Array(size), new Float32Array(size)];
  const indptr = new Uint32Array(histories.length + 1);
  let length = 0;
  histories.forEach(({ itemKeys, values: weights }, row) => {
    itemKeys.forEach((itemKey, place) => {
      const index = active.indexOf(itemKey);
      if (index < 0) return;
      indices[length] = index;
      values[length++] = weights[place]!;
    });
    sortEntries(indices, values, indptr[row], length);
    indptr[row + 1] = length;
  });
  const numCols = active.served.itemKeys.length;
  return new CsrMatrix({
    numRows: histories.length,
    numCols,
    indptr,
    indices: indices.slice(0, length),
    values: values.slice(0, length),
  });
}

/** One byte an item of the model. */
function allowedOf({ active, items }: BatchCatalog, filter: Bitmap | undefined): Uint8Array {
  const allowed = active.allowed(items);
  return filter
    ? allowed.map((isOpen, index) => (isOpen && filter.has(active.keyOf(index)) ? 1 : 0))
    : allowed;
}

function rankedOf({ k, columns, scores, counts }: RankedRows, row: number): RankedItems {
  const [start, end] = [row * k, row * k + counts[row]!];
  return { indices: columns.slice(start, end), scores: scores.slice(start, end) };
}

function first({ indices, scores }: RankedItems, k: number): RankedItems {
  return { indices: indices.slice(0, k), scores: scores.slice(0, k) };
}

/** False where another order of the sums may change the order of the items, or which of them are above 0. */
function isClear({ scores }: RankedItems): boolean {
  const near = NEAR * Math.abs(scores[0] ?? 0);
  const isNear = (distance: number) => distance !== 0 && Math.abs(distance) < near;
  return !scores.some((score, rank) => isNear(score) || (rank > 0 && isNear(scores[rank - 1]! - score)));
}
