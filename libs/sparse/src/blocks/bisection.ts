import type { DenseMatrix } from '../matrices/dense-matrix.js';
import { symmetricEigen } from '../spectrum/symmetric-eigen.js';
import type { Kernels } from '../wasm/kernels.js';

/** Rows by which a direction is chosen; of more, every so many-th is taken. */
const SAMPLED_ROWS = 4_096;

/**
 * Cuts a set of columns into so many parts whose sizes differ by one at most, by halving it again and again
 * across the direction in which the columns' embeddings differ most. Ties go to the lower column.
 *
 * @param columns ascending
 * @returns ascending columns
 */
export function bisect(
  kernels: Kernels,
  embedding: DenseMatrix,
  columns: Uint32Array,
  parts: number,
): Uint32Array[] {
  if (parts <= 1) return [columns];
  const left = Math.floor(parts / 2);
  const projections = projectOnWidest(kernels, embedding, columns);
  const places = Uint32Array.from(columns.keys());
  places.sort((a, b) => projections[a]! - projections[b]! || a - b);
  const middle = Math.floor((columns.length * left) / parts);
  const sideOf = (side: Uint32Array) => side.map((place) => columns[place]!).sort();
  return [
    ...bisect(kernels, embedding, sideOf(places.subarray(0, middle)), left),
    ...bisect(kernels, embedding, sideOf(places.subarray(middle)), parts - left),
  ];
}

/** How far each column lies along the first principal axis of all of them. */
function projectOnWidest(kernels: Kernels, embedding: DenseMatrix, columns: Uint32Array): Float64Array {
  const width = embedding.numCols;
  const axis = symmetricEigen(kernels, covarianceOf(embedding, columns), width, 1).vectors;
  const sign = Math.sign(axis.reduce((largest, x) => (Math.abs(x) > Math.abs(largest) ? x : largest), 0));
  return Float64Array.from(columns, (column) => {
    let sum = 0;
    for (let c = 0; c < width; c++) sum += axis[c]! * embedding.values[column * width + c]!;
    return sign * sum;
  });
}

function covarianceOf({ numCols: width, values }: DenseMatrix, columns: Uint32Array): Float64Array {
  const step = Math.ceil(columns.length / SAMPLED_ROWS);
  const sampled = columns.filter((_, place) => place % step === 0);
  const mean = new Float64Array(width);
  for (const column of sampled)
    for (let c = 0; c < width; c++) mean[c]! += values[column * width + c]! / sampled.length;
  const covariance = new Float64Array(width * width);
  const row = new Float64Array(width);
  for (const column of sampled) {
    for (let c = 0; c < width; c++) row[c] = values[column * width + c]! - mean[c]!;
    for (let i = 0; i < width; i++)
      for (let j = 0; j <= i; j++) covariance[i * width + j]! += row[i]! * row[j]!;
  }
  return covariance;
}
