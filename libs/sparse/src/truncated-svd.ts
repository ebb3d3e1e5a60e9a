import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import {
  applyChebyshev,
  ChebyshevFilter,
  GRAM,
  gramFactors,
  PANEL_COLUMNS,
  type ChebyshevSeries,
  type GramFactors,
} from './chebyshev.js';
import type { ComputeThreads } from './compute-threads.js';
import type { CsrMatrix } from './csr-matrix.js';
import { DenseMatrix } from './dense-matrix.js';
import { ShapeError, SparseError } from './errors.js';
import type { ProgressOptions } from './gram.js';
import { estimateSpectrum, type SpectrumEstimate } from './eigenvalue-density.js';
import { orthonormalize } from './orthonormalize.js';
import { seededNormal } from './seeded-random.js';
import { BLOCK_ROWS, crossGram, timesSmall } from './tall-matrix.js';

/** The largest singular values of X and their right singular vectors. */
export interface TruncatedSvd {
  /** The rank that was asked for. */
  readonly asked: number;
  /** Descending; fewer than asked for where X has no more. */
  readonly singularValues: Float32Array;
  /** V: one column a singular value, `numCols × rank`. */
  readonly right: DenseMatrix;
  /** ‖XᵀX·v_i − σ_i²·v_i‖ / σ_1² of each column, measured. */
  readonly residuals: Float32Array;
  /** Times that the basis was filled. */
  readonly rounds: number;
  /** False when `maxRounds` ended it. */
  readonly converged: boolean;
}

export interface TruncatedSvdOptions extends ProgressOptions {
  readonly rank: number;
  readonly seed: number;
  /** Largest residual that is good enough. */
  readonly tolerance?: number;
  readonly maxRounds?: number;
}

const DEFAULT_TOLERANCE = 1e-3;
const DEFAULT_MAX_ROUNDS = 30;
/** Columns that are filtered and added to the basis at a time. */
const BLOCK_COLUMNS = 32;
/** Columns of the basis beyond the rank, as a share of it and at least. */
const EXTRA_SHARE = 0.7;
const MIN_EXTRA = 64;
/** How much longer the filter may make one direction than another: beyond it float32 no longer tells them apart. */
const LARGEST_GROWTH = 1e8;
const MAX_DEGREE = 12;
/** Of the first singular value: what is below is zero in float32. */
const ZERO_SHARE = 1e-3;

/**
 * Truncated singular value decomposition X ≈ U·diag(σ)·Vᵀ by a block Krylov space of XᵀX (Musco & Musco 2015): from a random
 * block, the newest one is filtered, made orthonormal against all before and added, until the basis is full; then the
 * eigenvectors of XᵀX in it are taken (Rayleigh–Ritz). The filter is a Chebyshev polynomial that stays small on the part of
 * the spectrum that shall vanish (Chebyshev–Davidson: Zhou & Saad 2007; Zhou 2010), whose upper end is estimated first. While residuals of wanted columns are above `tolerance`, the basis starts again from the best of its eigenvectors.
 * The same bits for any number of threads.
 *
 * @throws ShapeError when `rank` is not from 1 to the smaller side of X
 */
export async function computeTruncatedSvd(
  compute: ComputeThreads,
  x: CsrMatrix,
  options: TruncatedSvdOptions,
): Promise<TruncatedSvd> {
  const { rank, seed, tolerance = DEFAULT_TOLERANCE, maxRounds = DEFAULT_MAX_ROUNDS } = options;
  const side = Math.min(x.numRows, x.numCols);
  if (!Number.isInteger(rank) || rank < 1 || rank > side)
    throw new ShapeError(`rank must be a whole number from 1 to ${side}, the smaller side of the matrix`);
  const size = truncatedSvdWidth(x.numCols, rank);
  const factors = gramFactors(compute, x);
  let spectrum = await estimateSpectrum(compute, factors, size, seed);
  const basis = new KrylovBasis(compute, factors, size, seed);
  const numWanted = Math.min(size, rank + BLOCK_COLUMNS);
  for (let rounds = 1; ; rounds++) {
    await basis.fill(size, amplifier(spectrum), (share) =>
      options.onProgress?.(((rounds - 1 + share) / rounds) * 0.9),
    );
    const ritz = await basis.ritz(numWanted);
    const converged = worstResidual(ritz, rank) <= tolerance;
    if (converged || rounds >= maxRounds || size === x.numCols) {
      options.onProgress?.(1);
      return { asked: rank, ...cut(ritz, rank), rounds, converged };
    }
    spectrum = { top: ritz.values[0]!, cutOff: Math.min(spectrum.cutOff, ritz.values[numWanted - 1]!) };
    basis.restart(ritz, rank);
  }
}

/** Columns of the basis. */
export function truncatedSvdWidth(numCols: number, rank: number): number {
  return Math.min(numCols, rank + Math.max(MIN_EXTRA, Math.ceil(rank * EXTRA_SHARE)));
}

/** Bytes at the peak of a decomposition: X and Xᵀ, four blocks, small squares, and each thread's copies. */
export function truncatedSvdBytes(
  shape: { readonly numRows: number; readonly numCols: number; readonly nnz: number },
  rank: number,
  threads: number,
): number {
  const width = truncatedSvdWidth(shape.numCols, rank);
  const sparse = 2 * (8 * shape.nnz + 4 * (shape.numRows + shape.numCols + 2));
  const squares = 8 * width * width * (6 + Math.ceil(shape.numCols / BLOCK_ROWS) / 2);
  return sparse + 4 * 4 * shape.numCols * width + squares + threads * bytesPerThread(shape, width);
}

function bytesPerThread(
  shape: { readonly numRows: number; readonly numCols: number; readonly nnz: number },
  width: number,
): number {
  const panels = ChebyshevFilter.bytesFor(shape, Math.min(PANEL_COLUMNS, width));
  return Math.max(panels, 4 * (2 * BLOCK_ROWS * width + width * width));
}

/** Approximate eigenvectors of XᵀX, by falling eigenvalue, and how far each is off. */
interface RitzBlock {
  readonly vectors: DenseMatrix;
  /** Of the whole basis, more than there are vectors. */
  readonly values: Float64Array;
  readonly residuals: Float32Array;
}

/** Orthonormal columns K, added block by block, each a filtered block before it. */
class KrylovBasis {
  readonly #columns: DenseMatrix;
  readonly #normal: () => number;
  #used = 0;
  #newest: DenseMatrix;

  constructor(
    readonly compute: ComputeThreads,
    readonly factors: GramFactors,
    readonly size: number,
    seed: number,
  ) {
    this.#columns = DenseMatrix.zeros(factors.x.numCols, size);
    this.#normal = seededNormal(seed);
    this.#newest = this.#randomBlock(Math.min(BLOCK_COLUMNS, size));
  }

  /** Adds columns until there are `count`. */
  async fill(count: number, filter: ChebyshevSeries, onProgress?: (fraction: number) => void): Promise<void> {
    while (this.#used < count) {
      const width = Math.min(this.#newest.numCols, count - this.#used);
      const start = leadingColumns(this.#newest, width);
      const isFirst = this.#used === 0;
      const next = isFirst ? start : await applyChebyshev(this.compute, this.factors, filter, start);
      this.#append((await this.#independent(next)) ?? (await this.#independent(this.#randomBlock(width)))!);
      onProgress?.(this.#used / count);
    }
  }

  /** The first `count` eigenvectors of XᵀX in the space of a full basis (Rayleigh–Ritz). */
  async ritz(count: number): Promise<RitzBlock> {
    const { compute, factors } = this;
    const image = await applyChebyshev(compute, factors, GRAM, this.#columns);
    const { values, rotation } = eigen(await crossGram(compute, this.#columns, image), this.size);
    const turn = leadingColumns(rotation, count);
    const vectors = await timesSmall(compute, this.#columns, turn);
    const images = await timesSmall(compute, image, turn);
    return { vectors, values, residuals: residualsOf(vectors, images, values) };
  }

  /** Keeps eigenvectors alone, and goes on from the wanted ones that are furthest off. */
  restart({ vectors, residuals }: RitzBlock, numWanted: number): void {
    const worst = Array.from({ length: numWanted }, (_, column) => column)
      .sort((a, b) => residuals[b]! - residuals[a]!)
      .slice(0, BLOCK_COLUMNS)
      .sort((a, b) => a - b);
    this.#used = 0;
    this.#append(vectors);
    this.#newest = DenseMatrix.zeros(vectors.numRows, worst.length);
    for (let row = 0; row < vectors.numRows; row++)
      worst.forEach((from, column) => (this.#newest.row(row)[column] = vectors.row(row)[from]!));
  }

  /** The part of a block that is not in the basis yet, orthonormal; undefined when there is none. Twice is enough. */
  async #independent(block: DenseMatrix): Promise<DenseMatrix | undefined> {
    try {
      const once = await orthonormalize(this.compute, await this.#withoutBasis(block));
      return await orthonormalize(this.compute, await this.#withoutBasis(once));
    } catch (error) {
      if (error instanceof SparseError) return undefined;
      throw error;
    }
  }

  /** (I − KKᵀ)·block */
  async #withoutBasis(block: DenseMatrix): Promise<DenseMatrix> {
    if (this.#used === 0) return block;
    const inBasis = await crossGram(this.compute, this.#columns, block, this.#used);
    const factor = new DenseMatrix(this.#used, block.numCols, Float32Array.from(inBasis));
    const part = await timesSmall(this.compute, this.#columns, factor);
    for (let e = 0; e < part.values.length; e++) part.values[e] = block.values[e]! - part.values[e]!;
    return part;
  }

  #append(block: DenseMatrix): void {
    for (let row = 0; row < block.numRows; row++) this.#columns.row(row).set(block.row(row), this.#used);
    this.#used += block.numCols;
    this.#newest = block;
  }

  #randomBlock(width: number): DenseMatrix {
    const block = DenseMatrix.zeros(this.factors.x.numCols, width);
    for (let e = 0; e < block.values.length; e++) block.values[e] = this.#normal();
    return block;
  }
}

function leadingColumns(matrix: DenseMatrix, count: number): DenseMatrix {
  if (count === matrix.numCols) return matrix;
  const leading = DenseMatrix.zeros(matrix.numRows, count);
  for (let row = 0; row < matrix.numRows; row++) leading.row(row).set(matrix.row(row).subarray(0, count));
  return leading;
}

/** Eigenvalues, falling, of the symmetric part of a matrix, and the eigenvectors as columns. */
function eigen(entries: Float64Array, size: number): { values: Float64Array; rotation: DenseMatrix } {
  const symmetric = new Matrix(size, size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) symmetric.set(i, j, (entries[i * size + j]! + entries[j * size + i]!) / 2);
  const decomposition = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  const { realEigenvalues, eigenvectorMatrix } = decomposition;
  const order = realEigenvalues
    .map((_, index) => index)
    .sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  const rotation = DenseMatrix.zeros(size, size);
  for (let row = 0; row < size; row++)
    order.forEach(
      (from, column) => (rotation.values[row * size + column] = eigenvectorMatrix.get(row, from)),
    );
  return { values: Float64Array.from(order, (from) => Math.max(0, realEigenvalues[from]!)), rotation };
}

function residualsOf(vectors: DenseMatrix, images: DenseMatrix, values: Float64Array): Float32Array {
  const { numCols } = vectors;
  const squares = new Float64Array(numCols);
  for (let e = 0; e < vectors.values.length; e++) {
    const column = e % numCols;
    squares[column]! += (images.values[e]! - values[column]! * vectors.values[e]!) ** 2;
  }
  const scale = Math.max(values[0] ?? 0, Number.MIN_VALUE);
  return Float32Array.from(squares, (square) => Math.sqrt(square) / scale);
}

function worstResidual({ residuals }: RitzBlock, rank: number): number {
  return residuals.subarray(0, rank).reduce((worst, residual) => Math.max(worst, residual), 0);
}

/** T_m on the spectrum below the cut-off, which it keeps within ±1, with the largest m that float32 bears. */
function amplifier({ top, cutOff }: SpectrumEstimate): ChebyshevSeries {
  const end = Math.max(cutOff, top * ZERO_SHARE ** 2, Number.MIN_VALUE);
  const highest = (2 * top) / end - 1;
  let degree = 1;
  while (degree < MAX_DEGREE && chebyshevAt(degree + 1, highest) <= LARGEST_GROWTH) degree++;
  return { scale: 2 / end, shift: -1, coefficients: [...new Array<number>(degree).fill(0), 1] };
}

/** T_m(x) for x ≥ 1. */
function chebyshevAt(degree: number, x: number): number {
  return Math.cosh(degree * Math.acosh(Math.max(1, x)));
}

/** The wanted columns whose singular values are above zero. */
function cut({ vectors, values, residuals }: RitzBlock, rank: number) {
  const least = values[0]! * ZERO_SHARE ** 2;
  const kept = values.subarray(0, rank).filter((value) => value > least).length;
  return {
    singularValues: Float32Array.from(values.subarray(0, kept), Math.sqrt),
    right: leadingColumns(vectors, kept),
    residuals: residuals.slice(0, kept),
  };
}
