import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import {
  applyChebyshev,
  ChebyshevFilter,
  GRAM,
  gramFactors,
  PANEL_COLUMNS,
  type GramFactors,
} from './chebyshev.js';
import type { ComputeThreads } from './compute-threads.js';
import type { CsrMatrix } from './csr-matrix.js';
import { DenseMatrix } from './dense-matrix.js';
import { ShapeError } from './errors.js';
import type { ProgressOptions } from './gram.js';
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
  /** Rounds of filtering that were needed. */
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
/** Columns beyond the rank, as a share of it and at least: they keep the last wanted column away from what is cut off. */
const OVERSAMPLING_SHARE = 0.125;
const MIN_OVERSAMPLING = 16;
/** How much longer a round may make one column than another: float32 still keeps them independent. */
const LARGEST_GROWTH = 1e5;
const MAX_DEGREE = 12;
/** Of the first singular value: what is below is zero in float32. */
const ZERO_SHARE = 1e-3;

/**
 * Truncated singular value decomposition X ≈ U·diag(σ)·Vᵀ by subspace iteration: a block Q of `rank` and some more random
 * columns (Halko, Martinsson & Tropp 2011) is multiplied by a Chebyshev polynomial of XᵀX that is small on the part of the
 * spectrum that shall vanish and large above it (Zhou, Saad et al. 2006), made orthonormal and rotated to the eigenvectors
 * of QᵀXᵀXQ (Rayleigh–Ritz), until the residuals of the wanted columns are below `tolerance`. The same bits for any
 * number of threads.
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
  const width = truncatedSvdWidth(x.numCols, rank);
  const factors = gramFactors(compute, x);
  let block = await ritz(compute, factors, randomBlock(x.numCols, width, seed));
  const first = worstResidual(block, rank);
  let rounds = 0;
  for (; worstResidual(block, rank) > tolerance && rounds < maxRounds; rounds++) {
    const filtered = await applyChebyshev(compute, factors, amplifier(block.values), block.vectors);
    block = await ritz(compute, factors, filtered);
    options.onProgress?.(shareOfWay(first, worstResidual(block, rank), tolerance));
  }
  options.onProgress?.(1);
  const converged = worstResidual(block, rank) <= tolerance;
  return { asked: rank, ...cut(block, rank), rounds, converged };
}

/** Columns of the block that is iterated on. */
export function truncatedSvdWidth(numCols: number, rank: number): number {
  return Math.min(numCols, rank + Math.max(MIN_OVERSAMPLING, Math.ceil(rank * OVERSAMPLING_SHARE)));
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

/** Residuals fall by about the same factor every round. */
function shareOfWay(first: number, now: number, tolerance: number): number {
  return Math.min(1, Math.max(0, Math.log(first / now) / Math.log(first / tolerance)));
}

function randomBlock(numRows: number, numCols: number, seed: number): DenseMatrix {
  const normal = seededNormal(seed);
  const block = DenseMatrix.zeros(numRows, numCols);
  for (let e = 0; e < block.values.length; e++) block.values[e] = normal();
  return block;
}

/** Approximate eigenvectors of XᵀX, by falling eigenvalue, and how far each is off. */
interface RitzBlock {
  readonly vectors: DenseMatrix;
  readonly values: Float64Array;
  readonly residuals: Float32Array;
}

async function ritz(compute: ComputeThreads, factors: GramFactors, block: DenseMatrix): Promise<RitzBlock> {
  const basis = await orthonormalize(compute, block);
  const image = await applyChebyshev(compute, factors, GRAM, basis);
  const { values, rotation } = eigen(await crossGram(compute, basis, image), basis.numCols);
  const vectors = await timesSmall(compute, basis, rotation);
  const images = await timesSmall(compute, image, rotation);
  return { vectors, values, residuals: residualsOf(vectors, images, values) };
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

/** T_m on the spectrum below the block's smallest eigenvalue, which it keeps within ±1, with the largest m that float32 bears. */
function amplifier(values: Float64Array) {
  const cutOff = Math.max(values.at(-1)!, values[0]! * ZERO_SHARE ** 2);
  const top = (2 * values[0]!) / cutOff - 1;
  let degree = 1;
  while (degree < MAX_DEGREE && chebyshevAt(degree + 1, top) <= LARGEST_GROWTH) degree++;
  return { scale: 2 / cutOff, shift: -1, coefficients: [...new Array<number>(degree).fill(0), 1] };
}

/** T_m(x) for x ≥ 1. */
function chebyshevAt(degree: number, x: number): number {
  return Math.cosh(degree * Math.acosh(Math.max(1, x)));
}

/** The wanted columns whose singular values are above zero. */
function cut({ vectors, values, residuals }: RitzBlock, rank: number) {
  const least = values[0]! * ZERO_SHARE ** 2;
  const kept = values.subarray(0, rank).filter((value) => value > least).length;
  const right = DenseMatrix.zeros(vectors.numRows, kept);
  for (let row = 0; row < vectors.numRows; row++) right.row(row).set(vectors.row(row).subarray(0, kept));
  return {
    singularValues: Float32Array.from(values.subarray(0, kept), Math.sqrt),
    right,
    residuals: residuals.slice(0, kept),
  };
}
