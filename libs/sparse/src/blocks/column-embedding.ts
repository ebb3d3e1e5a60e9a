import type { CsrMatrix } from '../matrices/csr-matrix.js';
import { DenseMatrix } from '../matrices/dense-matrix.js';
import { seededRandom } from '../seeded-random.js';
import { GRAM } from '../spectrum/chebyshev.js';
import { GramProducts } from '../spectrum/gram-products.js';
import { eigenvectorColumns, symmetricEigen } from '../spectrum/symmetric-eigen.js';
import type { ComputeThreads } from '../threads/compute-threads.js';

/** Columns of the sketch, and those of the embedding. */
const SKETCH = 64;
const RANK = 48;
/** Products with XᵀX. */
const PASSES = 3;
/** An eigenvalue below this share of the first is rounding: eigenvalues here are fourth powers of X's. */
const ROUNDING = 1e-9;

/**
 * Bytes at the peak: two sketches and the embedding, and what each thread holds for products with a sketch.
 */
export function embeddingBytes(
  shape: { readonly numRows: number; readonly numCols: number; readonly nnz: number },
  threads: number,
): number {
  return 4 * shape.numCols * (2 * SKETCH + RANK) + threads * GramProducts.bytesPerThread(shape);
}

/**
 * One short vector of length 1 for each column of X, or of length 0 for a column without entries: the first
 * 48 columns of V·diag(σ) for X ≈ U·diag(σ)·Vᵀ, scaled row by row. The singular vectors are those of a random
 * sketch after three products with XᵀX (Halko, Martinsson & Tropp 2011), good enough to tell columns apart.
 *
 * Sums are added in double precision and in one order: the same bits for any number of threads and any build
 * of the kernels. The largest entry of each singular vector is positive.
 */
export async function embedColumns(
  compute: ComputeThreads,
  x: CsrMatrix,
  seed: number,
): Promise<DenseMatrix> {
  const products = new GramProducts(compute, x);
  try {
    let sketch = randomSigns(x.numCols, seed);
    for (let pass = 1; pass < PASSES; pass++) sketch = await passOver(products, sketch, SKETCH, -1 / 2);
    // The sketch's singular values are near σ², so that these columns have lengths near σ.
    const embedding = await passOver(products, sketch, RANK, -1 / 4);
    fixSigns(embedding);
    normalizeRows(embedding);
    return embedding;
  } finally {
    await products.close();
  }

  /** B·E·diag(d^exponent) with B = XᵀX·Q and BᵀB = E·diag(d)·Eᵀ, for the `count` largest d above rounding. */
  async function passOver(gram: GramProducts, q: DenseMatrix, count: number, exponent: number) {
    const [image] = (await gram.apply(GRAM, [q])) as [DenseMatrix];
    const eigen = symmetricEigen(compute.kernels, gramOf(image), image.numCols);
    const first = eigen.values[0]!;
    const isAbove = (value: number) => value > 0 && value > first * ROUNDING;
    const kept = Math.max(1, Math.min(count, eigen.values.filter(isAbove).length));
    const factor = eigenvectorColumns(eigen, 0, kept);
    const scales = Float64Array.from({ length: kept }, (_, c) => Math.max(eigen.values[c]!, 0) ** exponent);
    return first > 0 ? timesSmall(image, factor, scales) : DenseMatrix.zeros(x.numCols, 1);
  }
}

function randomSigns(numRows: number, seed: number): DenseMatrix {
  const random = seededRandom(seed);
  const sketch = DenseMatrix.zeros(numRows, SKETCH);
  for (let e = 0; e < sketch.values.length; e++) sketch.values[e] = random() < 0.5 ? -1 : 1;
  return sketch;
}

/** BᵀB in double precision. */
function gramOf({ numRows, numCols, values }: DenseMatrix): Float64Array {
  const gram = new Float64Array(numCols * numCols);
  for (let row = 0; row < numRows; row++) {
    const start = row * numCols;
    for (let i = 0; i < numCols; i++) {
      const value = values[start + i]!;
      if (value === 0) continue;
      for (let j = 0; j <= i; j++) gram[i * numCols + j]! += value * values[start + j]!;
    }
  }
  return gram;
}

/** B·T·diag(scales) in double precision, rounded at its end. */
function timesSmall(b: DenseMatrix, t: DenseMatrix, scales: Float64Array): DenseMatrix {
  const out = DenseMatrix.zeros(b.numRows, t.numCols);
  const [depth, width] = [b.numCols, t.numCols];
  const sums = new Float64Array(width);
  for (let row = 0; row < b.numRows; row++) {
    sums.fill(0);
    for (let p = 0; p < depth; p++) {
      const value = b.values[row * depth + p]!;
      for (let c = 0; c < width; c++) sums[c]! += value * t.values[p * width + c]!;
    }
    for (let c = 0; c < width; c++) out.values[row * width + c] = sums[c]! * scales[c]!;
  }
  return out;
}

function fixSigns({ numRows, numCols, values }: DenseMatrix): void {
  for (let column = 0; column < numCols; column++) {
    let largest = 0;
    for (let e = column; e < values.length; e += numCols)
      if (Math.abs(values[e]!) > Math.abs(largest)) largest = values[e]!;
    if (largest < 0) for (let row = 0; row < numRows; row++) values[row * numCols + column]! *= -1;
  }
}

function normalizeRows(matrix: DenseMatrix): void {
  for (let row = 0; row < matrix.numRows; row++) {
    const values = matrix.row(row);
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    if (length > 0) for (let e = 0; e < values.length; e++) values[e]! /= length;
  }
}
