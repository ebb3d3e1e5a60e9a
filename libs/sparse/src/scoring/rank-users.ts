import { ShapeError } from '../errors.js';
import type { CsrArrays, CsrMatrix } from '../matrices/csr-matrix.js';
import type { DenseMatrix, SharedDense } from '../matrices/dense-matrix.js';
import { shareArray } from '../matrices/share-array.js';
import { ChebyshevFilter, type ChebyshevSeries, type GramFactors } from '../spectrum/chebyshev.js';
import type { ComputeThreads } from '../threads/compute-threads.js';
import type { Operation, Task } from '../threads/operation.js';
import { TRANSPOSE_B } from '../wasm/gemm-flags.js';
import type { Kernels } from '../wasm/kernels.js';
import { Arena, check, withArena } from '../wasm/memory.js';
import type { RankedRows } from './rank-rows.js';
import type { ItemSide } from './scorer.js';

/**
 * Users that are scored at a time: one panel of the filters, and a tall enough block for the dense product.
 */
const BLOCK_USERS = 64;

/** diag(1/scaling)·p(YᵀY)·diag(scaling) as item-to-item weights that are never held. */
export interface FilteredGram {
  readonly factors: GramFactors;
  readonly series: ChebyshevSeries;
  readonly scaling: Float32Array;
}

/**
 * What is known of all items: as for `ItemScorer`, or a filter in place of its sparse
 * rows; factors as floats.
 */
export interface BatchItemSide extends Pick<ItemSide, 'rows'> {
  readonly filter?: FilteredGram | undefined;
  readonly factors?: DenseMatrix | undefined;
}

/** What is known of some users: histories, and the rows of embeddings that belong to them. */
export interface UserBatch {
  readonly histories: CsrMatrix;
  readonly embeddings?: DenseMatrix | undefined;
  /** One byte an item, 1 = may be ranked; absent: all. */
  readonly allowed?: Uint8Array | undefined;
}

/**
 * For each history x (a row) with embedding e the k allowed items outside of x with the largest scores
 * x·B + F·e, descending, ties to the lower index: what `ItemScorer.topK` answers for one user, for many by
 * all threads.
 *
 * @throws ShapeError when dimensions do not belong together, or both sparse rows and a filter are given
 */
export async function rankUsers(
  compute: ComputeThreads,
  items: BatchItemSide,
  users: UserBatch,
  k: number,
): Promise<RankedRows> {
  const shared = share(items, users, k);
  const { numRows } = users.histories;
  const ranked = {
    k: shared.k,
    columns: new Uint32Array(numRows * shared.k),
    scores: new Float32Array(numRows * shared.k),
    counts: new Uint32Array(numRows),
  };
  const tasks = Array.from({ length: Math.ceil(numRows / BLOCK_USERS) }, (_, block): Task<number> => {
    return { args: block * BLOCK_USERS, cost: 1, after: [] };
  });
  await compute.run(rankedUsers, shared, tasks, {
    onResult: (part, block) => {
      ranked.columns.set(part.columns, block * BLOCK_USERS * shared.k);
      ranked.scores.set(part.scores, block * BLOCK_USERS * shared.k);
      ranked.counts.set(part.counts, block * BLOCK_USERS);
    },
  });
  return ranked;
}

interface RankUsersShared {
  readonly rows: CsrArrays | undefined;
  readonly filter: FilteredGram | undefined;
  readonly factors: SharedDense | undefined;
  readonly embeddings: SharedDense | undefined;
  readonly histories: CsrArrays;
  readonly allowed: Uint8Array | undefined;
  readonly k: number;
}

function share(
  { rows, filter, factors }: BatchItemSide,
  { histories, embeddings, allowed }: UserBatch,
  k: number,
): RankUsersShared {
  const numItems = histories.numCols;
  if (rows && filter) throw new ShapeError('either sparse rows or a filter can be given');
  const sizes = [rows?.numRows, rows?.numCols, filter?.scaling.length, factors?.numRows, allowed?.length];
  if (sizes.some((size) => size !== undefined && size !== numItems))
    throw new ShapeError(`one row an item is needed for histories of ${numItems} items`);
  if (factors && (embeddings?.numCols !== factors.numCols || embeddings.numRows !== histories.numRows))
    throw new ShapeError('one embedding a history, as long as a row of factors, is needed');
  return {
    rows: rows?.share(),
    filter,
    factors: factors?.share(),
    embeddings: embeddings?.share(),
    histories: histories.share(),
    allowed: allowed && shareArray(allowed),
    k: Math.min(k, numItems),
  };
}

export const rankedUsers: Operation<RankUsersShared, number, RankedRows> = {
  name: 'ranked-users',
  open: (kernels, shared) =>
    kernels.run(() => {
      const ranker = new UserRanker(kernels, shared);
      return { run: (first) => kernels.run(() => ranker.rank(first)), close: () => ranker.arena.free() };
    }),
};

/** Scores and ranks blocks of users in one thread. */
class UserRanker {
  readonly arena: Arena;
  readonly #numItems: number;
  readonly #rows: number | undefined;
  readonly #filter: ChebyshevFilter | undefined;
  readonly #factors: number | undefined;
  /** Address of one row of scores a user. */
  readonly #scores: number;
  readonly #mask: number;
  readonly #found: number;

  constructor(
    kernels: Kernels,
    private readonly shared: RankUsersShared,
  ) {
    this.arena = kernels.run((exports) => new Arena(exports));
    const { rows, filter, factors, histories, k } = shared;
    this.#numItems = histories.numCols;
    this.#rows = rows && this.arena.copyInCsr(rows);
    this.#filter = filter && new ChebyshevFilter(this.arena, filter.factors, BLOCK_USERS);
    this.#factors = factors && this.arena.copyIn(factors.values);
    this.#scores = this.arena.take(BLOCK_USERS * this.#numItems * 4);
    this.#mask = this.arena.take(this.#numItems);
    this.#found = this.arena.take((k + 1) * 4);
  }

  rank(first: number): RankedRows {
    const { k, histories } = this.shared;
    const width = Math.min(BLOCK_USERS, histories.numRows - first);
    if (this.#filter && this.shared.filter)
      this.#scoreByFilter(this.#filter, this.shared.filter, first, width);
    else this.#scoreByRows(first, width);
    this.#addFactorScores(first, width);
    const part = {
      k,
      columns: new Uint32Array(width * k),
      scores: new Float32Array(width * k),
      counts: new Uint32Array(width),
    };
    for (let user = 0; user < width; user++) this.#select(first + user, user, part);
    return part;
  }

  #scoreByRows(first: number, width: number): void {
    const { kernels } = this.arena;
    const rows = this.#rows;
    for (let user = 0; user < width; user++) {
      const { indices, values } = this.#history(first + user);
      const target = this.#rowOf(user);
      if (rows === undefined) {
        this.arena.floats(target, this.#numItems).fill(0);
        continue;
      }
      withArena(kernels, (scratch) => {
        const [items, weights] = [scratch.copyIn(indices), scratch.copyIn(values)];
        check(kernels.score_history(rows, items, weights, indices.length, target));
      });
    }
  }

  #scoreByFilter(
    filter: ChebyshevFilter,
    { series, scaling }: FilteredGram,
    first: number,
    width: number,
  ): void {
    const panel = filter.input(width).fill(0);
    for (let user = 0; user < width; user++) {
      const { indices, values } = this.#history(first + user);
      indices.forEach((item, e) => (panel[item * width + user] = values[e]! / scaling[item]!));
    }
    const filtered = filter.apply(series, width);
    for (let item = 0; item < this.#numItems; item++)
      for (let user = 0; user < width; user++) filtered[item * width + user]! *= scaling[item]!;
    check(this.arena.kernels.transpose_dense(this.#numItems, width, filter.address, this.#scores));
  }

  #addFactorScores(first: number, width: number): void {
    const { factors, embeddings } = this.shared;
    if (this.#factors === undefined || !factors || !embeddings) return;
    const { kernels } = this.arena;
    const depth = factors.numCols;
    const address = this.#factors;
    withArena(kernels, (scratch) => {
      const block = scratch.copyIn(embeddings.values.subarray(first * depth, (first + width) * depth));
      check(
        kernels.multiply_dense(width, this.#numItems, depth, 1, block, address, this.#scores, TRANSPOSE_B),
      );
    });
  }

  #select(user: number, position: number, part: RankedRows): void {
    const { k } = part;
    const { indices } = this.#history(user);
    const scores = this.#rowOf(position);
    const mask = this.arena.bytes(this.#mask, this.#numItems);
    if (this.shared.allowed) mask.set(this.shared.allowed);
    else mask.fill(1);
    for (const item of indices) mask[item] = 0;
    const [count, out] = [this.#found, this.#found + 4];
    check(this.arena.kernels.top_k(scores, this.#mask, this.#numItems, out, k, count));
    const found = this.arena.integers(out, this.arena.integers(count, 1)[0]!);
    const all = this.arena.floats(scores, this.#numItems);
    part.columns.set(found, position * k);
    found.forEach((item, rank) => (part.scores[position * k + rank] = all[item]!));
    part.counts[position] = found.length;
  }

  #rowOf(position: number): number {
    return this.#scores + position * this.#numItems * 4;
  }

  #history(user: number) {
    const { indptr, indices, values } = this.shared.histories;
    const [start, end] = [indptr[user]!, indptr[user + 1]!];
    return { indices: indices.subarray(start, end), values: values.subarray(start, end) };
  }
}
