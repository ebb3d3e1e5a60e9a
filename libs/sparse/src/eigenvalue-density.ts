import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { ChebyshevFilter, GRAM, type GramFactors } from './chebyshev.js';
import type { ComputeThreads, Operation, Task } from './compute-threads.js';
import { Arena } from './memory.js';
import { seededNormal } from './seeded-random.js';

const NUM_STEPS = 18;
const PANEL_COLUMNS = 8;
const NUM_PANELS = 2;
/** Below this share of the first length, what is left of a vector is rounding. */
const ZERO_SHARE = 1e-4;

/** The largest eigenvalue of XᵀX, and the one that `count` of them reach. */
export interface SpectrumEstimate {
  readonly top: number;
  readonly cutOff: number;
}

/** An eigenvalue and how many there are of about its size. */
interface Node {
  readonly value: number;
  readonly count: number;
}

/**
 * Eigenvalues of the n × n matrix XᵀX without finding them, by stochastic Lanczos quadrature (Ubaru, Chen & Saad 2017): for a
 * random unit vector v, Lanczos' tridiagonal matrix T = QᵀXᵀXQ with Q's first column v has eigenvalues θ_i, and n times the
 * squared first entries of its eigenvectors are how many eigenvalues are near each; the mean over several v is taken. The same
 * bits for any number of threads.
 */
export async function estimateSpectrum(
  compute: ComputeThreads,
  factors: GramFactors,
  count: number,
  seed: number,
): Promise<SpectrumEstimate> {
  const nodes: Node[][] = [];
  const tasks = Array.from({ length: NUM_PANELS }, (_, panel): Task<number> => {
    return { args: seed + panel, cost: 1, after: [] };
  });
  await compute.run(lanczosPanels, factors, tasks, {
    onResult: (found, panel) => (nodes[panel] = found.flatMap(quadrature)),
  });
  const falling = nodes.flat().sort((a, b) => b.value - a.value);
  const share = factors.x.numCols / (NUM_PANELS * PANEL_COLUMNS);
  let above = 0;
  const reached = falling.find((node) => (above += share * node.count) >= count);
  return { top: falling[0]?.value ?? 0, cutOff: (reached ?? falling.at(-1))?.value ?? 0 };
}

/** Diagonal and off-diagonal of a tridiagonal matrix. */
interface Tridiagonal {
  readonly alpha: number[];
  readonly beta: number[];
}

function quadrature({ alpha, beta }: Tridiagonal): Node[] {
  const matrix = Matrix.zeros(alpha.length, alpha.length);
  alpha.forEach((value, i) => matrix.set(i, i, value));
  alpha.slice(1).forEach((_, i) => [matrix.set(i, i + 1, beta[i]!), matrix.set(i + 1, i, beta[i]!)]);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  return realEigenvalues.map((value, i) => ({ value, count: eigenvectorMatrix.get(0, i) ** 2 }));
}

/** Lanczos' recurrence β_{j+1}·q_{j+1} = XᵀX·q_j − α_j·q_j − β_j·q_{j−1} for some random q_1, side by side, given a seed. */
export const lanczosPanels: Operation<GramFactors, number, Tridiagonal[]> = {
  name: 'lanczos-panels',
  open: (kernels, factors) =>
    kernels.run((exports) => {
      const arena = new Arena(exports);
      const filter = new ChebyshevFilter(arena, factors, PANEL_COLUMNS);
      return {
        run: (seed) => kernels.run(() => new Lanczos(filter, factors.x.numCols, seed).run()),
        close: () => arena.free(),
      };
    }),
};

class Lanczos {
  readonly #found: Tridiagonal[] = Array.from({ length: PANEL_COLUMNS }, () => ({ alpha: [], beta: [] }));
  #current: Float32Array;
  #previous: Float32Array;

  constructor(
    readonly filter: ChebyshevFilter,
    readonly numRows: number,
    seed: number,
  ) {
    const normal = seededNormal(seed);
    this.#current = Float32Array.from({ length: numRows * PANEL_COLUMNS }, normal);
    this.#previous = new Float32Array(numRows * PANEL_COLUMNS);
    this.#scale(this.#current, this.#lengths(this.#current));
  }

  run(): Tridiagonal[] {
    const steps = Math.min(NUM_STEPS, this.numRows);
    for (let step = 0; step < steps; step++) this.#step();
    return this.#found;
  }

  #step(): void {
    this.filter.input(PANEL_COLUMNS).set(this.#current);
    const next = this.filter.apply(GRAM, PANEL_COLUMNS).slice();
    const alpha = this.#dots(next, this.#current);
    const beta = this.#found.map((found) => found.beta.at(-1) ?? 0);
    for (let e = 0; e < next.length; e++) {
      const column = e % PANEL_COLUMNS;
      next[e]! -= alpha[column]! * this.#current[e]! + beta[column]! * this.#previous[e]!;
    }
    const lengths = this.#lengths(next);
    this.#found.forEach(({ alpha: diagonal, beta: offDiagonal }, column) => {
      if (offDiagonal.at(-1) === 0) return;
      diagonal.push(alpha[column]!);
      offDiagonal.push(lengths[column]! > ZERO_SHARE * diagonal[0]! ? lengths[column]! : 0);
    });
    this.#scale(next, lengths);
    [this.#previous, this.#current] = [this.#current, next];
  }

  #dots(a: Float32Array, b: Float32Array): Float64Array {
    const sums = new Float64Array(PANEL_COLUMNS);
    for (let e = 0; e < a.length; e++) sums[e % PANEL_COLUMNS]! += a[e]! * b[e]!;
    return sums;
  }

  #lengths(vectors: Float32Array): Float64Array {
    return this.#dots(vectors, vectors).map(Math.sqrt);
  }

  #scale(vectors: Float32Array, lengths: Float64Array): void {
    for (let e = 0; e < vectors.length; e++) vectors[e]! /= lengths[e % PANEL_COLUMNS]! || 1;
  }
}
