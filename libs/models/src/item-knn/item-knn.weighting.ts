import { CsrMatrix, type Similarity } from '#sparse';
import type { ItemKnnParameters } from './item-knn.params.js';

/** S_jk = (g_jk / (n_j·n_k + h))^p with G = YᵀY. */
export interface WeightedProduct {
  readonly y: CsrMatrix;
  readonly similarity: Similarity;
}

/** The product whose largest entries are the neighbours. */
export function weigh(x: CsrMatrix, parameters: ItemKnnParameters): WeightedProduct {
  switch (parameters.weighting) {
    case 'cosine':
      return { y: x, similarity: { norms: columnNorms(x), shrinkage: parameters.shrinkage } };
    case 'bm25':
      return { y: weighByBm25(x, parameters.k1, parameters.b), similarity: {} };
    case 'turbo-cf':
      return { y: weighByDegree(x, parameters.degreeExponent), similarity: { power: parameters.power } };
  }
}

/** ‖x_j‖₂ */
function columnNorms(x: CsrMatrix): Float32Array {
  const squares = new Float64Array(x.numCols);
  x.indices.forEach((item, e) => (squares[item]! += x.values[e]! ** 2));
  return Float32Array.from(squares, Math.sqrt);
}

/**
 * Items are documents and users are terms (Okapi BM25), with c_j = Σ_u x_uj, its mean c̄ over items, n items
 * and d_u of them known to user u:
 *
 *   y_uj = x_uj·(K1 + 1) / (K1·(1 − B + B·c_j / c̄) + x_uj) · ln(n / (1 + d_u))
 */
function weighByBm25(x: CsrMatrix, k1: number, b: number): CsrMatrix {
  const { columns: items } = sums(x);
  const mean = items.reduce((total, sum) => total + sum, 0) / x.numCols;
  return mapEntries(x, (value, user, item) => {
    if (value === 0) return 0;
    const degree = x.indptr[user + 1]! - x.indptr[user]!;
    const length = 1 - b + (b * items[item]!) / mean;
    return ((value * (k1 + 1)) / (k1 * length + value)) * Math.log(x.numCols / (1 + degree));
  });
}

/** D_u^−α·X·D_i^(α−1), degrees being sums of values (Turbo-CF: Park, Shin & Shin, SIGIR 2024). */
function weighByDegree(x: CsrMatrix, exponent: number): CsrMatrix {
  const { rows, columns } = sums(x);
  const raise = (degrees: Float64Array, power: number) =>
    Float32Array.from(degrees, (degree) => (degree > 0 ? degree ** power : 0));
  return x.scale({ rows: raise(rows, -exponent), columns: raise(columns, exponent - 1) });
}

function sums(x: CsrMatrix): { readonly rows: Float64Array; readonly columns: Float64Array } {
  const [rows, columns] = [new Float64Array(x.numRows), new Float64Array(x.numCols)];
  forEachEntry(x, (value, row, column) => {
    rows[row]! += value;
    columns[column]! += value;
  });
  return { rows, columns };
}

function mapEntries(x: CsrMatrix, map: (value: number, row: number, column: number) => number): CsrMatrix {
  const values = new Float32Array(x.nnz);
  forEachEntry(x, (value, row, column, e) => (values[e] = map(value, row, column)));
  return x.withValues(values);
}

function forEachEntry(
  x: CsrMatrix,
  visit: (value: number, row: number, column: number, entry: number) => void,
): void {
  for (let row = 0; row < x.numRows; row++)
    for (let e = x.indptr[row]!; e < x.indptr[row + 1]!; e++) visit(x.values[e]!, row, x.indices[e]!, e);
}
