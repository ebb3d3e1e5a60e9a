import {
  computeTruncatedSvd,
  CsrMatrix,
  transpose,
  type ComputeThreads,
  type DenseMatrix,
  type EmbeddingGraph,
} from '#sparse';
import type { LightgclParameters } from './lightgcl.params.js';

/** R̃ = D_u^−½·X·D_i^−½ of the pattern of X: what is stored counts 1, as in the published code. */
export function normalize(matrix: CsrMatrix): CsrMatrix {
  const pattern = matrix.withValues(new Float32Array(matrix.nnz).fill(1));
  const rows = Float32Array.from({ length: matrix.numRows }, (_, user) =>
    inverseRoot(matrix.indptr[user + 1]! - matrix.indptr[user]!),
  );
  return pattern.scale({ rows, columns: Float32Array.from(matrix.columnCounts(), inverseRoot) });
}

/** d^−½, and 0 for what stands alone. */
export function inverseRoot(degree: number): number {
  return degree > 0 ? 1 / Math.sqrt(degree) : 0;
}

/** Of the singular vectors: far below what the second view can notice, and a few rounds away. */
const SVD_TOLERANCE = 1e-4;

/** Â = [0, R̃; R̃ᵀ, 0] and, where there is a contrast, the leading singular vectors of R̃. */
export async function trainingGraph(
  compute: ComputeThreads,
  matrix: CsrMatrix,
  { factors, layers, contrastWeight, svdRank }: LightgclParameters,
  seed: number,
): Promise<EmbeddingGraph> {
  const r = normalize(matrix);
  const adjacency = stack(r, transpose(compute.kernels, r));
  const shared = { adjacency, numUsers: matrix.numRows, width: factors, layers };
  const rank = Math.min(svdRank, r.numRows, r.numCols);
  if (contrastWeight === 0 || rank === 0)
    return { ...shared, vectors: new Float32Array(), values: new Float32Array() };
  const svd = await computeTruncatedSvd(compute, r, { rank, seed, tolerance: SVD_TOLERANCE });
  const left = leftVectors(r, svd.right, svd.singularValues);
  const vectors = new Float32Array(left.length + svd.right.values.length);
  vectors.set(left);
  vectors.set(svd.right.values, left.length);
  return { ...shared, vectors, values: svd.singularValues };
}

/** U = R̃·V·S⁻¹, row-major. */
function leftVectors(r: CsrMatrix, right: DenseMatrix, values: Float32Array): Float32Array {
  const rank = values.length;
  const left = new Float32Array(r.numRows * rank);
  const sums = new Float64Array(rank);
  for (let row = 0; row < r.numRows; row++) {
    sums.fill(0);
    for (let e = r.indptr[row]!; e < r.indptr[row + 1]!; e++)
      right.row(r.indices[e]!).forEach((entry, q) => (sums[q]! += r.values[e]! * entry));
    for (let q = 0; q < rank; q++) left[row * rank + q] = sums[q]! / values[q]!;
  }
  return left;
}

function stack(r: CsrMatrix, rt: CsrMatrix): CsrMatrix {
  const [users, items, nnz] = [r.numRows, r.numCols, r.nnz];
  const indptr = new Uint32Array(users + items + 1);
  indptr.set(r.indptr);
  for (let item = 0; item < items; item++) indptr[users + item + 1] = nnz + rt.indptr[item + 1]!;
  const indices = new Uint32Array(2 * nnz);
  indices.set(r.indices.map((item) => users + item));
  indices.set(rt.indices, nnz);
  const values = new Float32Array(2 * nnz);
  values.set(r.values);
  values.set(rt.values, nnz);
  return new CsrMatrix({ numRows: users + items, numCols: users + items, indptr, indices, values });
}
