import type { CsrMatrix, SparseVector } from '../matrices/csr-matrix.js';

/** The kernels again, in the plainest TypeScript and double precision: the tests' oracle, never shipped. */

export function toDense(x: CsrMatrix): number[][] {
  return Array.from({ length: x.numRows }, (_, r) => {
    const row = new Array<number>(x.numCols).fill(0);
    const { indices, values } = x.row(r);
    indices.forEach((column, e) => (row[column] = values[e]!));
    return row;
  });
}

export function naiveGram(x: CsrMatrix): number[][] {
  const dense = toDense(x);
  const cell = (i: number, j: number) => dense.reduce((sum, row) => sum + row[i]! * row[j]!, 0);
  return Array.from({ length: x.numCols }, (_, i) => Array.from({ length: x.numCols }, (_, j) => cell(i, j)));
}

/** A⁻¹ of a symmetric positive definite A, by Gauss and Jordan. */
export function naiveInverse(matrix: readonly (readonly number[])[]): number[][] {
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => Number(i === j))]);
  for (let k = 0; k < rows.length; k++) {
    const pivot = rows[k]!.map((value) => value / rows[k]![k]!);
    rows.forEach((row, i) => {
      if (i !== k) rows[i] = row.map((value, j) => value - row[k]! * pivot[j]!);
    });
    rows[k] = pivot;
  }
  return rows.map((row) => row.slice(rows.length));
}

export function naiveScores(b: CsrMatrix, history: SparseVector): Float32Array {
  const dense = toDense(b);
  const scores = new Float64Array(b.numCols);
  history.indices.forEach((item, e) =>
    dense[item]!.forEach((value, column) => (scores[column]! += history.values[e]! * value)),
  );
  return Float32Array.from(scores);
}

/** Best first, ties to the lower index. */
export function naiveTopK(
  scores: ArrayLike<number>,
  k: number,
  isAllowed: (index: number) => boolean,
): number[] {
  return Array.from({ length: scores.length }, (_, index) => index)
    .filter(isAllowed)
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, k);
}

/** Entries of M·diag(scale) kept by `largestPerRow`, as dense rows. */
export function naiveLargestPerRow(
  matrix: readonly (readonly number[])[],
  scale: ArrayLike<number>,
  keep: number,
): number[][] {
  return matrix.map((entries, row) => {
    const scaled = entries.map((entry, column) => Math.fround(Math.fround(entry) * scale[column]!));
    const magnitudes = scaled.map(Math.abs);
    const kept = new Set(naiveTopK(magnitudes, keep, (column) => column !== row && scaled[column] !== 0));
    return scaled.map((value, column) => (kept.has(column) ? value : 0));
  });
}

/** What `nearestColumns` computes, as dense rows. */
export function naiveNearestColumns(
  x: CsrMatrix,
  similarity: { readonly norms: ArrayLike<number>; readonly shrinkage: number; readonly power: number },
  keep: number,
): number[][] {
  const { norms, shrinkage, power } = similarity;
  return naiveGram(x).map((sums, j) => {
    const shares = sums.map((sum, k) => sum / (norms[j]! * norms[k]! + shrinkage));
    const kept = new Set(
      naiveTopK(shares.map(Math.abs), keep, (column) => column !== j && shares[column] !== 0),
    );
    return shares.map((share, k) => (kept.has(k) ? Math.sign(share) * Math.abs(share) ** power : 0));
  });
}
