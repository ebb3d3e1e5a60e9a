import { ShapeError } from '../errors.js';
import type { SparseVector } from '../matrices/csr-matrix.js';
import { Kernels } from '../wasm/kernels.js';
import { sharedModule } from '../wasm/loader.js';
import { Arena, check, withArena } from '../wasm/memory.js';
import type { LentScorerParts, Lending, SharedItemSide } from './lent-scorer.js';
import type { ItemSide, Scorer, TopK, TopKOptions, UserSide } from './scorer.js';
import { checkFinite, selectBest, type RowsOfHistory } from './select-best.js';

/** Room for the calls of another thread: scoring needs some hundred bytes. */
const STACK_BYTES = 65_536;

/**
 * Scores s = Σ_j w_j · B[j, :] + F·e of a history w and an embedding e, with B and F kept in an instance of
 * its own, F as it is stored, so that dropping the scorer frees its memory.
 */
export class ItemScorer implements Scorer {
  readonly numItems: number;
  readonly #kernels: Kernels;
  readonly #rows: number | undefined;
  readonly #factors: { readonly address: number; readonly width: number } | undefined;

  /**
   * @param shared an item side that is in the memory of these kernels already; absent: it is copied into an
   * instance of its own
   * @throws ShapeError when B and F do not have the same number of items, or neither is given
   */
  constructor(kernels: Kernels, { rows, factors }: ItemSide, shared?: SharedItemSide) {
    const numItems = shared?.numItems ?? rows?.numCols ?? factors?.numRows;
    if (numItems === undefined || (factors && factors.numRows !== numItems))
      throw new ShapeError('one column of B and one row of F an item are needed');
    this.numItems = numItems;
    if (shared) {
      [this.#kernels, this.#rows, this.#factors] = [kernels, shared.rows, shared.factors];
      return;
    }
    this.#kernels = new Kernels(kernels.name, kernels.memoryKind);
    [this.#rows, this.#factors] = this.#kernels.run((exports) => {
      const arena = new Arena(exports);
      const address = rows && arena.copyInCsr(rows);
      if (address !== undefined) check(exports.check_csr(address));
      return [address, factors && { address: arena.copyInFactors(factors), width: factors.numCols }] as const;
    });
  }

  /** Takes the place of the scorer that has shared its item side. */
  static ofTransferred(shared: SharedItemSide): ItemScorer {
    return new ItemScorer(Kernels.over(shared), {}, shared);
  }

  /** Bytes that a scorer of this size holds. @param factorBytes those of F as it is stored */
  static bytesFor(numItems: number, nnz: number, factorBytes = 0): number {
    return (numItems + 1) * 4 + nnz * 8 + numItems * 9 + factorBytes;
  }

  /** Bytes of the scorer's WebAssembly memory. */
  get memoryBytes(): number {
    return this.#kernels.memoryBytes;
  }

  /** All scores, one an item. @throws ShapeError when the history has an item that is no row of B */
  scores(user: UserSide): Float32Array {
    return this.#withScores(user, (arena, scores) => arena.floats(scores, this.numItems).slice());
  }

  /** The smaller of `k` and the number of allowed items, whatever the sign of their scores. */
  topK(user: UserSide, k: number, options: TopKOptions = {}): TopK {
    return this.#withScores(user, (arena, scores, rows) =>
      selectBest(arena, { scores, k, rows }, this.numItems, options),
    );
  }

  /**
   * Lends the item side to one other thread at a time, without a copy, with room for histories of
   * up to `longestHistory` items.
   *
   * @throws ShapeError when the kernels have no shared memory
   */
  lend(longestHistory: number): Lending<LentScorerParts> {
    const side = this.share();
    return this.#kernels.run((exports) => {
      const arena = new Arena(exports);
      const room = takeRoom(arena, {
        longestHistory,
        numItems: this.numItems,
        width: this.#factors?.width ?? 0,
      });
      return { lent: { ...side, room }, end: () => arena.free() };
    });
  }

  /**
   * The item side for a scorer of another thread that takes the place of this one, without a copy: this one
   * must not be used any more.
   *
   * @throws ShapeError when the kernels have no shared memory
   */
  share(): SharedItemSide {
    const { name: kernel, memoryKind } = this.#kernels;
    if (memoryKind !== 'shared') throw new ShapeError('the scorer is not in shared memory');
    const memory = this.#kernels.run((exports) => exports.memory);
    const [rows, factors] = [this.#rows, this.#factors];
    return { kernel, module: sharedModule(kernel), memory, numItems: this.numItems, rows, factors };
  }

  #withScores<Result>(
    { history, embedding }: UserSide,
    work: (arena: Arena, scores: number, rows: RowsOfHistory | undefined) => Result,
  ): Result {
    checkFinite({ history, embedding });
    return this.#kernels.run((exports) =>
      withArena(exports, (arena) => {
        const scores = arena.take(this.numItems * 4);
        const rows = this.#scoreHistory(arena, history, scores);
        const isSparse = !this.#addFactorScores(arena, embedding, scores);
        return work(arena, scores, isSparse ? rows : undefined);
      }),
    );
  }

  #scoreHistory(arena: Arena, history: SparseVector | undefined, scores: number): RowsOfHistory | undefined {
    if (this.#rows === undefined || history === undefined) {
      arena.floats(scores, this.numItems).fill(0);
      return undefined;
    }
    const [items, weights] = [arena.copyIn(history.indices), arena.copyIn(history.values)];
    const { length } = history.indices;
    check(arena.kernels.score_history(this.#rows, items, weights, length, scores));
    return { matrix: this.#rows, items, length };
  }

  /** @returns whether there was something to add */
  #addFactorScores(arena: Arena, embedding: Float32Array | undefined, scores: number): boolean {
    if (this.#factors === undefined || embedding === undefined) return false;
    const { address, width } = this.#factors;
    if (embedding.length !== width) throw new ShapeError(`an embedding has ${width} numbers`);
    check(arena.kernels.add_factor_scores(address, arena.copyIn(embedding), scores));
    return true;
  }
}

function takeRoom(
  arena: Arena,
  {
    longestHistory,
    numItems,
    width,
  }: { readonly longestHistory: number; readonly numItems: number; readonly width: number },
): LentScorerParts['room'] {
  try {
    return {
      stackTop: arena.take(STACK_BYTES) + STACK_BYTES,
      scores: arena.take(numItems * 4),
      items: arena.take(longestHistory * 4),
      weights: arena.take(longestHistory * 4),
      embedding: arena.take(width * 4),
      longestHistory,
    };
  } catch (error) {
    arena.free();
    throw error;
  }
}
