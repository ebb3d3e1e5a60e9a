import { DenseMatrix, type CsrMatrix } from '#sparse';
import { inverseRoot } from './training-graph.js';

/** A trained model: E of all nodes, users first, and what folds a history in. */
export interface TrainedEmbeddings {
  readonly users: DenseMatrix;
  readonly items: DenseMatrix;
  /** K, one row an item: e_u ≈ Σ_{j∈u} K_j / √d_u. */
  readonly keys: DenseMatrix;
}

/** Added to the diagonal of the regression, as a share of its mean. */
const RIDGE = 1e-3;

/**
 * A trained user is e_u = E0_u + z_u with z_u = Σ_{j∈u} P_j / √(d_u·d_j), P = Σ_{l<L} E^(l) of the items. A
 * new user has no E0_u; the best linear guess from z_u is z_u·W with W = (ZᵀZ + ρI)⁻¹ZᵀE0 over the trained
 * users, so that K_j = P_j·(I + W) / √d_j.
 */
export function foldInKeys(
  matrix: CsrMatrix,
  start: Float32Array,
  { main, beforeLast }: { readonly main: Float32Array; readonly beforeLast: Float32Array },
  width: number,
): TrainedEmbeddings {
  const split = matrix.numRows * width;
  const map = regress(start.subarray(0, split), main.subarray(0, split), width);
  const keys = DenseMatrix.zeros(matrix.numCols, width);
  matrix.columnCounts().forEach((degree, item) => {
    const scale = inverseRoot(degree);
    const from = beforeLast.subarray(split + item * width, split + (item + 1) * width);
    const row = keys.row(item);
    for (let c = 0; c < width; c++) {
      let sum = from[c]!;
      for (let a = 0; a < width; a++) sum += from[a]! * map[a * width + c]!;
      row[c] = scale * sum;
    }
  });
  return {
    users: new DenseMatrix(matrix.numRows, width, main.subarray(0, split)),
    items: new DenseMatrix(matrix.numCols, width, main.subarray(split)),
    keys,
  };
}

/** W of E0 ≈ Z·W for Z = E − E0, in double precision. */
function regress(start: Float32Array, main: Float32Array, width: number): Float64Array {
  const [gram, target] = [new Float64Array(width * width), new Float64Array(width * width)];
  for (let at = 0; at < start.length; at += width)
    for (let a = 0; a < width; a++) {
      const z = main[at + a]! - start[at + a]!;
      for (let b = 0; b < width; b++) {
        gram[a * width + b]! += z * (main[at + b]! - start[at + b]!);
        target[a * width + b]! += z * start[at + b]!;
      }
    }
  let trace = 0;
  for (let a = 0; a < width; a++) trace += gram[a * width + a]!;
  const ridge = (RIDGE * trace) / width;
  if (!(ridge > 0)) return new Float64Array(width * width);
  for (let a = 0; a < width; a++) gram[a * width + a]! += ridge;
  return solve(gram, target, width);
}

/** X of A·X = B for a positive definite A, by elimination in place. */
function solve(a: Float64Array, b: Float64Array, n: number): Float64Array {
  for (let p = 0; p < n; p++)
    for (let row = 0; row < n; row++) {
      if (row === p) continue;
      const share = a[row * n + p]! / a[p * n + p]!;
      for (let c = p; c < n; c++) a[row * n + c]! -= share * a[p * n + c]!;
      for (let c = 0; c < n; c++) b[row * n + c]! -= share * b[p * n + c]!;
    }
  return b.map((value, at) => value / a[Math.floor(at / n) * (n + 1)]!);
}
