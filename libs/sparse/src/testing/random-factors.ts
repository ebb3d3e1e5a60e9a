import { FactorMatrix, seededRandom } from '../index.js';

export const STORED_AS = ['floats', 'int8'] as const;

/** Numbers from −0.5 to 0.5, or any int8 values with scales, of which every third is 0. */
export function randomFactors(
  numRows: number,
  numCols: number,
  storedAs: (typeof STORED_AS)[number],
): FactorMatrix {
  const random = seededRandom(97 * numRows + numCols);
  const values = Float64Array.from({ length: numRows * numCols }, () => random() - 0.5);
  if (storedAs === 'floats') return new FactorMatrix(numRows, numCols, Float32Array.from(values));
  const bytes = Int8Array.from(values, (value) => Math.floor(256 * (value + 0.5)) - 128);
  const scales = Float32Array.from({ length: numRows }, (_, row) => (row % 3 === 1 ? 0 : random() / 127));
  return new FactorMatrix(numRows, numCols, bytes, scales);
}

/** F in double precision. */
export function toNumbers({ numRows, numCols, values, scales }: FactorMatrix): number[][] {
  return Array.from({ length: numRows }, (_, row) =>
    Array.from(
      values.subarray(row * numCols, (row + 1) * numCols),
      (value) => (scales ? scales[row]! : 1) * value,
    ),
  );
}
