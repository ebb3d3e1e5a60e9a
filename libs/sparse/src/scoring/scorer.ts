import type { CsrMatrix, SparseVector } from '../matrices/csr-matrix.js';
import type { StoredFactors } from '../matrices/factor-matrix.js';

/** The k best items, best first; ties go to the lower index. */
export interface TopK {
  readonly indices: Uint32Array;
  readonly scores: Float32Array;
}

export interface TopKOptions {
  /** Items that may not be answered. */
  readonly exclude?: Uint32Array;
  /** One byte an item, 0 = may not be answered; absent = all may. */
  readonly allowed?: Uint8Array;
}

/**
 * What is known of all items: a sparse row of B for each past item, a row of factors F (a `FactorMatrix` or a
 * `DenseMatrix`) for each item, or both.
 */
export interface ItemSide {
  readonly rows?: CsrMatrix | undefined;
  readonly factors?: StoredFactors | undefined;
}

/** What is known of one user: past items with weights for B, an embedding for F; what is absent is zero. */
export interface UserSide {
  readonly history?: SparseVector | undefined;
  readonly embedding?: Float32Array | undefined;
}

/** Scores all items for a user, and selects the best. */
export interface Scorer {
  readonly numItems: number;
  /** All scores, one an item. @throws ShapeError when the history has an item that is no row of B */
  scores(user: UserSide): Float32Array;
  /** The smaller of `k` and the number of allowed items, whatever the sign of their scores. */
  topK(user: UserSide, k: number, options?: TopKOptions): TopK;
}
