import { seededNormal, type CsrMatrix } from '@app/sparse';

/** U (`numRows × rank`), V (`numCols × rank`), row-major, and S, descending; zeros beyond the rank of the matrix. */
export interface LeadingSingular {
  readonly left: Float32Array;
  readonly right: Float32Array;
  readonly values: Float32Array;
}

const EXTRA_COLUMNS = 8;
const MAX_ITERATIONS = 100;
const TOLERANCE = 1e-7;

/**
 * The leading singular triples of R for a small rank: subspace iteration on RᵀR with Gram–Schmidt, in double precision, and
 * a rotation of the subspace to the singular vectors (Rayleigh–Ritz). `rt` is Rᵀ.
 */
export function leadingSingular(r: CsrMatrix, rt: CsrMatrix, rank: number, seed: number): LeadingSingular {
  const width = Math.min(rank + EXTRA_COLUMNS, r.numRows, r.numCols);
  const normal = seededNormal(seed);
  let basis = columns(r.numCols, width, normal);
  orthonormalize(basis);
  let [images, ritz] = project(r, basis);
  for (let n = 0, before = -1; n < MAX_ITERATIONS; n++) {
    const total = ritz.values.slice(0, rank).reduce((sum, value) => sum + value, 0);
    if (Math.abs(total - before) <= TOLERANCE * total) break;
    before = total;
    basis = images.map((image) => multiply(rt, image));
    orthonormalize(basis);
    [images, ritz] = project(r, basis);
  }
  const largest = Math.sqrt(Math.max(0, ritz.values[0] ?? 0));
  const values = new Float32Array(rank);
  const left = new Float32Array(r.numRows * rank);
  const right = new Float32Array(r.numCols * rank);
  for (let q = 0; q < Math.min(rank, width); q++) {
    const value = Math.sqrt(Math.max(0, ritz.values[q]!));
    if (!(value > 1e-6 * largest)) continue;
    values[q] = value;
    const mix = ritz.vectors[q]!;
    combine(basis, mix).forEach((entry, row) => (right[row * rank + q] = entry));
    combine(images, mix).forEach((entry, row) => (left[row * rank + q] = entry / value));
  }
  return { left, right, values };
}

interface Eigen {
  readonly values: number[];
  /** One eigenvector each. */
  readonly vectors: number[][];
}

function columns(length: number, count: number, next: () => number): Float64Array[] {
  return Array.from({ length: count }, () => Float64Array.from({ length }, next));
}

function project(r: CsrMatrix, basis: readonly Float64Array[]): [Float64Array[], Eigen] {
  const images = basis.map((column) => multiply(r, column));
  return [images, symmetricEigen(images.map((a) => images.map((b) => dot(a, b))))];
}

function multiply(matrix: CsrMatrix, x: Float64Array): Float64Array {
  const { indptr, indices, values } = matrix;
  return Float64Array.from({ length: matrix.numRows }, (_, row) => {
    let sum = 0;
    for (let e = indptr[row]!; e < indptr[row + 1]!; e++) sum += values[e]! * x[indices[e]!]!;
    return sum;
  });
}

/** Modified Gram–Schmidt, twice; what depends on the earlier columns becomes zero. */
function orthonormalize(basis: readonly Float64Array[]): void {
  basis.forEach((column, q) => {
    const before = Math.sqrt(dot(column, column));
    for (let pass = 0; pass < 2; pass++)
      for (const other of basis.slice(0, q)) {
        const overlap = dot(column, other);
        for (let i = 0; i < column.length; i++) column[i]! -= overlap * other[i]!;
      }
    const norm = Math.sqrt(dot(column, column));
    const scale = norm > 1e-10 * before ? 1 / norm : 0;
    for (let i = 0; i < column.length; i++) column[i]! *= scale;
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function combine(parts: readonly Float64Array[], weights: readonly number[]): Float64Array {
  const sum = new Float64Array(parts[0]?.length ?? 0);
  parts.forEach((part, q) => {
    for (let i = 0; i < sum.length; i++) sum[i]! += weights[q]! * part[i]!;
  });
  return sum;
}

const SWEEPS = 30;

/** Cyclic Jacobi rotations; values descending. */
function symmetricEigen(a: number[][]): Eigen {
  const n = a.length;
  const vectors = a.map((_, i) => a.map((__, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < SWEEPS; sweep++)
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, vectors, p, q);
  const order = a.map((_, i) => i).sort((i, j) => a[j]![j]! - a[i]![i]!);
  return { values: order.map((i) => a[i]![i]!), vectors: order.map((i) => vectors[i]!) };
}

/** Makes entry (p, q) zero; row i of `vectors` is the i-th eigenvector. */
function rotate(a: number[][], vectors: number[][], p: number, q: number): void {
  const [ap, aq] = [a[p]!, a[q]!];
  if (Math.abs(ap[q]!) <= 1e-300) return;
  const slope = (aq[q]! - ap[p]!) / (2 * ap[q]!);
  const t = (slope < 0 ? -1 : 1) / (Math.abs(slope) + Math.hypot(slope, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  const turn = (x: number[], y: number[]) =>
    x.forEach((xi, i) => ([x[i], y[i]] = [c * xi - s * y[i]!, s * xi + c * y[i]!]));
  for (const row of a) [row[p], row[q]] = [c * row[p]! - s * row[q]!, s * row[p]! + c * row[q]!];
  turn(ap, aq);
  turn(vectors[p]!, vectors[q]!);
}
