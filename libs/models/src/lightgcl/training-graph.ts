import { CsrMatrix, transpose, type ComputeThreads, type EmbeddingGraph } from '@app/sparse';
import { leadingSingular } from './leading-singular.js';
import type { LightgclParameters } from './lightgcl.params.js';

/** R̃ = D_u^−½·X·D_i^−½ of the pattern of X: what is stored counts 1, as in the published code. */
export function normalize(matrix: CsrMatrix): CsrMatrix {
  const ones = new Float32Array(matrix.nnz).fill(1);
  const pattern = new CsrMatrix(matrix.numRows, matrix.numCols, matrix.indptr, matrix.indices, ones);
  const rows = Float32Array.from({ length: matrix.numRows }, (_, user) =>
    inverseRoot(matrix.indptr[user + 1]! - matrix.indptr[user]!),
  );
  return pattern.scale({ rows, columns: Float32Array.from(matrix.columnCounts(), inverseRoot) });
}

/** d^−½, and 0 for what stands alone. */
export function inverseRoot(degree: number): number {
  return degree > 0 ? 1 / Math.sqrt(degree) : 0;
}

/** Â = [0, R̃; R̃ᵀ, 0] and, where there is a contrast, the leading singular vectors of R̃. */
export function trainingGraph(
  compute: ComputeThreads,
  matrix: CsrMatrix,
  { factors, layers, contrastWeight, svdRank }: LightgclParameters,
  seed: number,
): EmbeddingGraph {
  const r = normalize(matrix);
  const rt = transpose(compute.kernels, r);
  const adjacency = stack(r, rt);
  const shared = { adjacency, numUsers: matrix.numRows, width: factors, layers };
  if (contrastWeight === 0) return { ...shared, vectors: new Float32Array(), values: new Float32Array() };
  const { left, right, values } = leadingSingular(r, rt, svdRank, seed);
  const vectors = new Float32Array(left.length + right.length);
  vectors.set(left);
  vectors.set(right, left.length);
  return { ...shared, vectors, values };
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
  return new CsrMatrix(users + items, users + items, indptr, indices, values);
}
