import type { FactorMatrix, Scorer } from '#sparse';
import { mixRows } from './mixture.js';
import { rankScores } from './ranking.js';
import type { RankedItems } from './recommender.js';

/** Cosines of the rows of F, by a scorer over F; 0 with a row of zeros. */
export class Cosines {
  /** @param lengths of the rows, in memory that threads share; absent: they are computed */
  constructor(
    private readonly factors: FactorMatrix,
    private readonly scorer: Scorer,
    readonly lengths = lengthsOf(factors),
  ) {}

  /** The k items of the largest cosine with one item. */
  rank(itemIndex: number, k: number, allowed?: Uint8Array): RankedItems {
    const scale = this.#inverse(itemIndex);
    const cosines = this.#along(this.factors.row(itemIndex).map((value) => scale * value));
    return rankScores(cosines, k, Uint32Array.of(itemIndex), allowed);
  }

  /** Σ_j w_j·cos(F_i, F_j) for each item i. */
  mix(weights: Float64Array): Float32Array {
    const scaled = weights.map((weight, item) => weight * this.#inverse(item));
    return this.#along(Float32Array.from(mixRows(this.factors, scaled)));
  }

  #along(embedding: Float32Array): Float32Array {
    return this.scorer.scores({ embedding }).map((dot, item) => dot * this.#inverse(item));
  }

  #inverse(item: number): number {
    const length = this.lengths[item]!;
    return length > 0 ? 1 / length : 0;
  }
}

function lengthsOf(factors: FactorMatrix): Float32Array {
  const lengths = new Float32Array(new SharedArrayBuffer(4 * factors.numRows));
  lengths.forEach((_, item) => (lengths[item] = Math.sqrt(factors.dotRow(item, factors.row(item)))));
  return lengths;
}
