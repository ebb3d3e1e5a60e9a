import { ShapeError } from '../errors.js';
import type { KernelExports } from '../wasm/abi.js';
import type { Kernels } from '../wasm/kernels.js';
import { joinMemory, type JoinedMemory } from '../wasm/loader.js';
import { Arena, check, withArena } from '../wasm/memory.js';
import type { Scorer, TopK, TopKOptions, UserSide } from './scorer.js';
import { checkFinite, selectBest } from './select-best.js';

/** Something that another thread may use until `end` is called. */
export interface Lending<Lent> {
  readonly lent: Lent;
  readonly end: () => void;
}

/** An item side in shared memory; it passes from thread to thread. */
export interface SharedItemSide extends JoinedMemory {
  readonly numItems: number;
  /** Address of B. */
  readonly rows: number | undefined;
  /** Address of F, and the numbers of an embedding. */
  readonly factors: { readonly address: number; readonly width: number } | undefined;
}

/** An item side that stays another thread's, and room there for one thread. */
export interface LentScorerParts extends SharedItemSide {
  /** Addresses. */
  readonly room: {
    readonly stackTop: number;
    readonly scores: number;
    readonly items: number;
    readonly weights: number;
    readonly embedding: number;
    readonly longestHistory: number;
  };
}

/**
 * The same scores as the `ItemScorer` that lent its memory, bit by bit: the same kernels over the same bytes.
 * They are selected from in this thread's own memory, since selecting allocates.
 */
export class LentScorer implements Scorer {
  readonly #exports: KernelExports;

  /** @param kernels with a memory of their own */
  constructor(
    private readonly kernels: Kernels,
    private readonly lent: LentScorerParts,
  ) {
    this.#exports = joinMemory(lent, lent.room.stackTop);
  }

  get numItems(): number {
    return this.lent.numItems;
  }

  scores(user: UserSide): Float32Array {
    checkFinite(user);
    const { numItems, room } = this.lent;
    const arena = new Arena(this.#exports);
    this.#scoreHistory(arena, user.history);
    this.#addFactorScores(arena, user.embedding);
    return arena.floats(room.scores, numItems).slice();
  }

  topK(user: UserSide, k: number, options: TopKOptions = {}): TopK {
    const all = this.scores(user);
    return this.kernels.run((exports) =>
      withArena(exports, (arena) => selectBest(arena, { scores: arena.copyIn(all), k }, all.length, options)),
    );
  }

  #scoreHistory(arena: Arena, history: UserSide['history']): void {
    const { rows, numItems, room } = this.lent;
    if (rows === undefined || history === undefined) {
      arena.floats(room.scores, numItems).fill(0);
      return;
    }
    const { length } = history.indices;
    if (length > room.longestHistory) throw new ShapeError(`there is room for ${room.longestHistory} items`);
    arena.write(room.items, history.indices);
    arena.write(room.weights, history.values);
    check(arena.kernels.score_history(rows, room.items, room.weights, length, room.scores));
  }

  #addFactorScores(arena: Arena, embedding: Float32Array | undefined): void {
    const { factors, room } = this.lent;
    if (factors === undefined || embedding === undefined) return;
    const { address, width } = factors;
    if (embedding.length !== width) throw new ShapeError(`an embedding has ${width} numbers`);
    arena.write(room.embedding, embedding);
    check(arena.kernels.add_factor_scores(address, room.embedding, room.scores));
  }
}
