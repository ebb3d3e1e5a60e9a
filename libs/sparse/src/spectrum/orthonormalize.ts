import { SingularMatrixError, SparseError } from '../errors.js';
import { DenseMatrix } from '../matrices/dense-matrix.js';
import type { ComputeThreads } from '../threads/compute-threads.js';
import { check, withArena } from '../wasm/memory.js';
import type { TallProducts } from './tall-matrix.js';

/** Largest entry of QᵀQ − I that counts as orthonormal in float32. */
const TOLERANCE = 2e-6;
const MAX_PASSES = 6;
/** Added to the diagonal of the scaled Gram matrix where float32 finds it singular. */
const SHIFT = 1e-4;

/**
 * An orthonormal basis of the columns of a tall matrix, by Cholesky QR: Q ← Q·L⁻ᵀ with QᵀQ = LLᵀ, columns
 * scaled to length 1 first, repeated until QᵀQ = I in float32 (twice for a well-conditioned Q: Yamamoto et
 * al. 2015), with a shifted diagonal where QᵀQ is singular (Fukaya et al. 2020).
 *
 * @throws SparseError when the columns do not become independent
 */
export async function orthonormalize(products: TallProducts, q: DenseMatrix): Promise<DenseMatrix> {
  let basis = q;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const gram = await products.crossGram([basis], basis);
    if (largestDeviation(gram, basis.numCols) <= TOLERANCE) return basis;
    basis = await products.timesSmall([basis], triangularFactor(products.compute, gram, basis.numCols));
  }
  const left = largestDeviation(await products.crossGram([basis], basis), basis.numCols);
  if (left <= 100 * TOLERANCE) return basis;
  throw new SparseError(`the columns are not independent: off by ${left} after ${MAX_PASSES} passes`);
}

function largestDeviation(gram: Float64Array, size: number): number {
  let largest = 0;
  for (let row = 0; row < size; row++)
    for (let col = 0; col < size; col++)
      largest = Math.max(largest, Math.abs(gram[row * size + col]! - (row === col ? 1 : 0)));
  return Number.isFinite(largest) ? largest : Infinity;
}

/** D·L⁻ᵀ with DGD = LLᵀ and D the inverse column lengths. */
function triangularFactor(compute: ComputeThreads, gram: Float64Array, size: number): DenseMatrix {
  const lengths = Float64Array.from({ length: size }, (_, i) => 1 / Math.sqrt(gram[i * size + i]! || 1));
  const inverse =
    inverseOfFactor(compute, gram, lengths, 0) ?? inverseOfFactor(compute, gram, lengths, SHIFT);
  if (!inverse) throw new SparseError('the columns are not independent');
  const factor = DenseMatrix.zeros(size, size);
  for (let row = 0; row < size; row++)
    for (let col = row; col < size; col++)
      factor.values[row * size + col] = lengths[row]! * inverse[col * size + row]!;
  return factor;
}

/** L⁻¹ for DGD + shift·I = LLᵀ; undefined when that is not positive definite in float32. */
function inverseOfFactor(
  { kernels }: ComputeThreads,
  gram: Float64Array,
  lengths: Float64Array,
  shift: number,
): Float32Array | undefined {
  const size = lengths.length;
  const scaled = new Float32Array(size * size);
  for (let row = 0; row < size; row++)
    for (let col = 0; col <= row; col++)
      scaled[row * size + col] =
        gram[row * size + col]! * lengths[row]! * lengths[col]! + (row === col ? shift : 0);
  return kernels.run((exports) =>
    withArena(exports, (arena) => {
      const tile = arena.copyIn(scaled);
      try {
        check(exports.inverse_of_factor(tile, size));
      } catch (error) {
        if (error instanceof SingularMatrixError) return undefined;
        throw error;
      }
      return arena.floats(tile, size * size).slice();
    }),
  );
}
