import fc from 'fast-check';
import { CsrMatrix, seededRandom } from '#sparse';

/** User-item matrices of any shape up to 12 × 10: empty rows and columns, one user, one item. */
export const userItemMatrices: fc.Arbitrary<CsrMatrix> = fc
  .record({ numRows: fc.integer({ min: 1, max: 12 }), numCols: fc.integer({ min: 1, max: 10 }) })
  .chain(({ numRows, numCols }) =>
    fc.uniqueArray(fc.nat(numRows * numCols - 1), { maxLength: numRows * numCols }).map((cells) =>
      CsrMatrix.fromCoo({
        numRows,
        numCols,
        rows: cells.map((cell) => Math.floor(cell / numCols)),
        cols: cells.map((cell) => cell % numCols),
      }),
    ),
  );

const VALUES = [0, 0.5, 1, 3];

/** Matrices of any such shape with entries of any value, 0 among them. */
export const valuedMatrices: fc.Arbitrary<CsrMatrix> = userItemMatrices.chain(valuesFor);

/**
 * A matrix of likes to fit, and at least one history over its items, with entries of any value, 0 among them.
 */
export const matricesAndHistories = userItemMatrices.chain((matrix) =>
  fc.record({ matrix: fc.constant(matrix), histories: historiesOver(matrix.numCols) }),
);

function historiesOver(numCols: number): fc.Arbitrary<CsrMatrix> {
  const numRows = 4;
  return fc
    .subarray([...Array(numRows * numCols).keys()], { minLength: 1 })
    .map((cells) =>
      CsrMatrix.fromCoo({
        numRows,
        numCols,
        rows: cells.map((cell) => Math.floor(cell / numCols)),
        cols: cells.map((cell) => cell % numCols),
      }),
    )
    .chain(valuesFor);
}

function valuesFor({ numRows, numCols, indptr, indices, nnz }: CsrMatrix): fc.Arbitrary<CsrMatrix> {
  return fc
    .array(fc.constantFrom(...VALUES), { minLength: nnz, maxLength: nnz })
    .map((values) => new CsrMatrix({ numRows, numCols, indptr, indices, values: Float32Array.from(values) }));
}

/** Two tastes: even users know even items, odd users odd ones, each all but one of its ten. */
export function twoTastes(): CsrMatrix {
  const pairs = Array.from({ length: 40 }, (_, user) =>
    Array.from({ length: 10 }, (_, n) => [user, 2 * n + (user % 2)] as const).filter(
      ([, item]) => Math.floor(item / 2) !== user % 10,
    ),
  ).flat();
  return CsrMatrix.fromCoo({
    numRows: 40,
    numCols: 20,
    rows: pairs.map(([user]) => user),
    cols: pairs.map(([, item]) => item),
  });
}

/** Five tastes: half of the items of one's own, a twentieth of the others. */
export function fiveTastes(): CsrMatrix {
  const random = seededRandom(7);
  const cells = Array.from({ length: 300 * 100 }, (_, cell) => [Math.floor(cell / 100), cell % 100] as const);
  const pairs = cells.filter(([user, item]) => random() < (user % 5 === item % 5 ? 0.5 : 0.05));
  return CsrMatrix.fromCoo({
    numRows: 300,
    numCols: 100,
    rows: pairs.map(([user]) => user),
    cols: pairs.map(([, item]) => item),
  });
}

/** A history of the given items, each once. */
export function historyOf(...items: number[]) {
  return { indices: Uint32Array.from(items).sort(), values: new Float32Array(items.length).fill(1) };
}
