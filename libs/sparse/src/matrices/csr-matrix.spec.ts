import { ShapeError } from '../errors.js';
import { CsrMatrix } from './csr-matrix.js';

describe('CsrMatrix', () => {
  it('is the same without its zeros, and itself where it has none', () => {
    const coordinates = { numRows: 4, numCols: 3, rows: [0, 0, 0, 1, 3, 3], cols: [0, 1, 2, 1, 0, 2] };
    const matrix = CsrMatrix.fromCoo({ ...coordinates, values: [0, 2, -0, 0, 1, -3] });
    const without = matrix.withoutZeros();
    expect(without).toEqual(
      CsrMatrix.fromCoo({ numRows: 4, numCols: 3, rows: [0, 3, 3], cols: [1, 0, 2], values: [2, 1, -3] }),
    );
    expect(without.withoutZeros()).toBe(without);
  });

  const parts = (indptr: number[], indices: number[], values: number[]) => () =>
    new CsrMatrix({
      numRows: 2,
      numCols: 3,
      indptr: Uint32Array.from(indptr),
      indices: Uint32Array.from(indices),
      values: Float32Array.from(values),
    });

  it.each([
    ['indptr of the wrong length', parts([0, 1], [0], [1])],
    ['indptr that does not start at 0', parts([1, 1, 1], [0], [1])],
    ['indptr that falls', parts([0, 2, 1], [0], [1])],
    ['indptr that does not end at nnz', parts([0, 1, 2], [0], [1])],
    ['a column twice', parts([0, 2, 2], [1, 1], [1, 1])],
    ['a column outside', parts([0, 1, 1], [3], [1])],
    ['NaN', parts([0, 1, 1], [0], [NaN])],
    ['a pair twice', () => CsrMatrix.fromCoo({ numRows: 1, numCols: 1, rows: [0, 0], cols: [0, 0] })],
    ['an entry outside', () => CsrMatrix.fromCoo({ numRows: 1, numCols: 1, rows: [1], cols: [0] })],
    ['unequal lengths', () => CsrMatrix.fromCoo({ numRows: 1, numCols: 1, rows: [0], cols: [] })],
    ['a negative size', () => CsrMatrix.fromCoo({ numRows: -1, numCols: 1, rows: [], cols: [] })],
  ])('refuses %s', (_, build) => {
    expect(build).toThrow(ShapeError);
  });

  it('keeps the entries that are asked for, in rows of the same length', () => {
    const [rows, cols, values] = [
      [0, 0, 2],
      [1, 3, 0],
      [5, 6, 7],
    ];
    const x = CsrMatrix.fromCoo({ numRows: 3, numCols: 4, rows, cols, values });
    const filtered = x.filter((entry) => entry > 0);
    expect([...filtered.indptr]).toEqual([0, 1, 1, 2]);
    expect([[...filtered.indices], [...filtered.values]]).toEqual([
      [3, 0],
      [6, 7],
    ]);
  });

  it('counts the entries of each column', () => {
    expect([
      ...CsrMatrix.fromCoo({ numRows: 2, numCols: 3, rows: [0, 1, 1], cols: [2, 2, 0] }).columnCounts(),
    ]).toEqual([1, 0, 2]);
  });
});
