import { ShapeError } from '../errors.js';
import type { CsrMatrix } from '../matrices/csr-matrix.js';
import type { DenseMatrix } from '../matrices/dense-matrix.js';
import type { ComputeThreads } from '../threads/compute-threads.js';
import type { ProgressOptions } from '../threads/operation.js';
import type { ChebyshevSeries } from './chebyshev.js';
import { estimateSpectrum, type SpectrumEstimate } from './eigenvalue-density.js';
import { GramProducts } from './gram-products.js';
import { BLOCK_COLUMNS, columnsOf, KrylovBasis, type RitzBlock } from './krylov-basis.js';
import { crossGramPartsBytes, TallProducts, tallBytesPerThread } from './tall-matrix.js';

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
/**
 * Columns of the basis beyond the rank, as a share of it and at least: with fewer than four
 * blocks, rounds are many.
 */
const EXTRA_SHARE = 0.625;
const MIN_EXTRA = 128;
/**
 * How much longer the filter may make one direction than another: beyond it float32 no
 * longer tells them apart.
 */
const LARGEST_GROWTH = 1e8;
const MAX_DEGREE = 12;
/** Of the first singular value: what is below is zero in float32. */
const ZERO_SHARE = 1e-3;

/**
 * Truncated singular value decomposition X ≈ U·diag(σ)·Vᵀ by a block Krylov space of XᵀX (Musco & Musco
 * 2015): from a random block, the newest one is filtered, made orthonormal against all before and added,
 * until the basis is full; then the eigenvectors of XᵀX in it are taken (Rayleigh–Ritz). The filter is a
 * Chebyshev polynomial that stays small on the part of the spectrum that shall vanish
 * (Chebyshev–Davidson: Zhou & Saad 2007; Zhou 2010), whose upper end is estimated first. While residuals
 * of wanted columns are above `tolerance`, the basis starts again from the best of its eigenvectors. The
 * same bits for any number of threads.
 *
 * @throws ShapeError when `rank` is not from 1 to the smaller side of X
 */
export async function computeTruncatedSvd(
  compute: ComputeThreads,
  x: CsrMatrix,
  options: TruncatedSvdOptions,
): Promise<TruncatedSvd> {
  const side = Math.min(x.numRows, x.numCols);
  if (!Number.isInteger(options.rank) || options.rank < 1 || options.rank > side)
    throw new ShapeError(`rank must be a whole number from 1 to ${side}, the smaller side of the matrix`);
  const products = { gram: new GramProducts(compute, x), tall: new TallProducts(compute) };
  try {
    return await decompose(products, options);
  } finally {
    await Promise.all([products.gram.close(), products.tall.close()]);
  }
}

async function decompose(
  products: { readonly gram: GramProducts; readonly tall: TallProducts },
  options: TruncatedSvdOptions,
): Promise<TruncatedSvd> {
  const { rank, seed, tolerance = DEFAULT_TOLERANCE, maxRounds = DEFAULT_MAX_ROUNDS } = options;
  const { numCols } = products.gram;
  const size = truncatedSvdWidth(numCols, rank);
  const estimating = estimateSpectrum(products.tall.compute.kernels, products.gram, size, seed);
  const basis = new KrylovBasis(products, size, seed);
  let spectrum = await estimating;
  const numKept = Math.min(size, rank + BLOCK_COLUMNS);
  for (let rounds = 1; ; rounds++) {
    await basis.fill(amplifier(spectrum), (share) =>
      options.onProgress?.(((rounds - 1 + share) / rounds) * 0.9),
    );
    const ritz = await basis.ritz(rank);
    const converged = Math.max(...ritz.residuals) <= tolerance;
    if (converged || rounds >= maxRounds || size === numCols) {
      options.onProgress?.(1);
      return { asked: rank, ...withoutZeros(ritz), rounds, converged };
    }
    const { values } = ritz.eigen;
    spectrum = { top: values[0]!, cutOff: Math.min(spectrum.cutOff, Math.max(0, values[numKept - 1]!)) };
    await basis.restart(ritz, numKept);
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
  const squares = 8 * 6 * width * width + crossGramPartsBytes(shape.numCols, width * BLOCK_COLUMNS);
  const perThread = GramProducts.bytesPerThread(shape) + tallBytesPerThread(width);
  return sparse + 4 * 4 * shape.numCols * width + squares + threads * perThread;
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

/** The columns whose singular values are above zero. */
function withoutZeros({ vectors, eigen, residuals }: RitzBlock) {
  const values = eigen.values.subarray(0, residuals.length);
  const kept = values.filter((value) => value > 0 && value > values[0]! * ZERO_SHARE ** 2).length;
  return {
    singularValues: Float32Array.from(values.subarray(0, kept), Math.sqrt),
    right: columnsOf(vectors, 0, kept),
    residuals: residuals.slice(0, kept),
  };
}
