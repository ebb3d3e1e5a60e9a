import { seededNormal } from '../seeded-random.js';
import { GRAM, type ChebyshevFilter } from './chebyshev.js';

/** Below this share of the first length, what is left of a vector is rounding. */
const ZERO_SHARE = 1e-4;

/** Diagonal and off-diagonal of a tridiagonal matrix. */
export interface Tridiagonal {
  readonly alpha: number[];
  readonly beta: number[];
}

/**
 * Lanczos' recurrence β_{j+1}·q_{j+1} = XᵀX·q_j − α_j·q_j − β_j·q_{j−1} for some random q_1 of length 1, side
 * by side, given a seed.
 */
export class Lanczos {
  readonly #columns: number;
  readonly #steps: number;
  readonly #found: Tridiagonal[];
  #current: Float32Array;
  #previous: Float32Array;

  constructor(
    private readonly filter: ChebyshevFilter,
    numRows: number,
    { seed, columns, steps }: { readonly seed: number; readonly columns: number; readonly steps: number },
  ) {
    this.#columns = columns;
    this.#steps = Math.min(steps, numRows);
    this.#found = Array.from({ length: columns }, () => ({ alpha: [], beta: [] }));
    const normal = seededNormal(seed);
    this.#current = Float32Array.from({ length: numRows * columns }, normal);
    this.#previous = new Float32Array(numRows * columns);
    this.#scale(this.#current, this.#lengths(this.#current));
  }

  run(): Tridiagonal[] {
    for (let step = 0; step < this.#steps; step++) this.#step();
    return this.#found;
  }

  #step(): void {
    this.filter.input(this.#columns).set(this.#current);
    const next = this.filter.apply(GRAM, this.#columns).slice();
    const alpha = this.#dots(next, this.#current);
    this.#subtract(next, alpha);
    const lengths = this.#lengths(next);
    this.#found.forEach(({ alpha: diagonal, beta: offDiagonal }, column) => {
      if (offDiagonal.at(-1) === 0) return;
      diagonal.push(alpha[column]!);
      offDiagonal.push(lengths[column]! > ZERO_SHARE * diagonal[0]! ? lengths[column]! : 0);
    });
    this.#scale(next, lengths);
    [this.#previous, this.#current] = [this.#current, next];
  }

  /** next − α·current − β·previous */
  #subtract(next: Float32Array, alpha: Float64Array): void {
    const [columns, current, previous] = [this.#columns, this.#current, this.#previous];
    const beta = Float64Array.from(this.#found, (found) => found.beta.at(-1) ?? 0);
    for (let start = 0; start < next.length; start += columns)
      for (let column = 0; column < columns; column++) {
        const e = start + column;
        next[e]! -= alpha[column]! * current[e]! + beta[column]! * previous[e]!;
      }
  }

  #dots(a: Float32Array, b: Float32Array): Float64Array {
    const columns = this.#columns;
    const sums = new Float64Array(columns);
    for (let start = 0; start < a.length; start += columns)
      for (let column = 0; column < columns; column++)
        sums[column]! += a[start + column]! * b[start + column]!;
    return sums;
  }

  #lengths(vectors: Float32Array): Float64Array {
    return this.#dots(vectors, vectors).map(Math.sqrt);
  }

  #scale(vectors: Float32Array, lengths: Float64Array): void {
    const columns = this.#columns;
    for (let start = 0; start < vectors.length; start += columns)
      for (let column = 0; column < columns; column++) vectors[start + column]! /= lengths[column]! || 1;
  }
}
