import fc from 'fast-check';
import { CsrMatrix } from '../index.js';

/**
 * Matrices of any shape up to the given one, with empty rows and columns, of small whole values or all ones.
 */
export function csrMatrices(maxRows: number, maxCols: number, minCols = 0): fc.Arbitrary<CsrMatrix> {
  return fc
    .record({
      numRows: fc.integer({ min: 0, max: maxRows }),
      numCols: fc.integer({ min: minCols, max: maxCols }),
      ones: fc.boolean(),
    })
    .chain(({ numRows, numCols, ones }) =>
      fc
        .array(
          fc.tuple(
            fc.nat(Math.max(0, numRows - 1)),
            fc.nat(Math.max(0, numCols - 1)),
            fc.integer({ min: -3, max: 3 }),
          ),
          {
            maxLength: numRows * numCols === 0 ? 0 : numRows * numCols,
          },
        )
        .map((entries) => {
          const cells = new Map(
            entries.map(([row, col, value]) => [`${row},${col}`, [row, col, ones ? 1 : value] as const]),
          );
          const [rows, cols, values] = [0, 1, 2].map((part) =>
            [...cells.values()].map((cell) => cell[part]!),
          );
          return CsrMatrix.fromCoo({ numRows, numCols, rows: rows!, cols: cols!, values: values! });
        }),
    );
}
