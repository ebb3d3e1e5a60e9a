import fc from 'fast-check';
import { all, create, type FactoryFunctionMap } from 'mathjs';
import {
  computeGram,
  CsrMatrix,
  ComputeThreads,
  invertPositiveDefinite,
  DenseMatrix,
  isKernelSupported,
  ItemScorer,
  KERNEL_NAMES,
  type KernelName,
  largestPerRow,
  loadKernels,
  rankRows,
  SymmetricStrips,
  ShapeError,
  SingularMatrixError,
  SymmetricMatrix,
  transpose,
} from '../index.js';
import { naiveGram, naiveLargestPerRow, naiveScores, naiveTopK, toDense } from '../reference/naive.js';
import { csrMatrices } from '../testing/random-csr.js';
import { randomFactors } from '../testing/random-factors.js';

const math = create(all as FactoryFunctionMap);
const FLOAT32_TOLERANCE = 1e-4;
const RUNS = { numRuns: 60, seed: 20_261 };
const TILE_SIZES = [8, 16, 512];

function toRows(matrix: SymmetricMatrix): number[][] {
  return Array.from({ length: matrix.order }, (_, i) =>
    Array.from({ length: matrix.order }, (_, j) => matrix.get(i, j)),
  );
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThanOrEqual(
      FLOAT32_TOLERANCE * (1 + Math.abs(expected[i]!)),
    );
  }
}

function onOneThread(name: KernelName): ComputeThreads {
  return new ComputeThreads({ threads: 1, kernels: loadKernels(name) });
}

/** Indices by descending score, ties to the lower one. */
function rankNaively(scores: readonly number[], exclude: Uint32Array, k: number): number[] {
  return [...scores.keys()]
    .filter((column) => !exclude.includes(column))
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, k);
}

describe.each(KERNEL_NAMES)('%s kernels', (name) => {
  const given = isKernelSupported(name) ? it : it.skip;

  given('transpose as the dense matrix does', () => {
    const kernels = loadKernels(name);
    fc.assert(
      fc.property(csrMatrices(9, 12), (x) => {
        const xt = transpose(kernels, x);
        expect([xt.numRows, xt.numCols]).toEqual([x.numCols, x.numRows]);
        const dense = toDense(x);
        expect(toDense(xt)).toEqual(Array.from({ length: x.numCols }, (_, c) => dense.map((row) => row[c])));
      }),
      RUNS,
    );
  });

  given('compute the Gram matrix exactly on whole numbers, in tiles of any size', async () => {
    const compute = onOneThread(name);
    await fc.assert(
      fc.asyncProperty(csrMatrices(12, 37), fc.constantFrom(...TILE_SIZES), async (x, tileSize) => {
        expect(toRows(await computeGram(compute, x, { tileSize }))).toEqual(naiveGram(x));
      }),
      RUNS,
    );
  });

  given('invert as mathjs does, across tile borders', async () => {
    const compute = onOneThread(name);
    await fc.assert(
      fc.asyncProperty(
        csrMatrices(20, 37, 1),
        fc.constantFrom(...TILE_SIZES),
        fc.integer({ min: 1, max: 50 }),
        async (x, tileSize, lambda) => {
          const matrix = await computeGram(compute, x, { tileSize });
          matrix.addToDiagonal(lambda);
          const expected = math.inv(toRows(matrix));
          await invertPositiveDefinite(compute, matrix);
          expectClose(toRows(matrix).flat(), expected.flat());
        },
      ),
      RUNS,
    );
  });

  given('invert a matrix of several full tiles', async () => {
    const compute = onOneThread(name);
    const order = 150;
    const x = CsrMatrix.fromCoo({
      numRows: 400,
      numCols: order,
      rows: Array.from({ length: 2_000 }, (_, e) => e % 400),
      cols: Array.from({ length: 2_000 }, (_, e) => (Math.floor(e / 400) * 31 + (e % 400) * 7) % order),
    });
    const matrix = await computeGram(compute, x, { tileSize: 64 });
    matrix.addToDiagonal(Float32Array.from({ length: order }, (_, i) => 5 + (i % 3)));
    const before = toRows(matrix);
    const shares: number[] = [];
    await invertPositiveDefinite(compute, matrix, { onProgress: (share) => shares.push(share) });
    expectClose(
      math.multiply(before, toRows(matrix)).flat(),
      (math.identity(order) as math.Matrix).toArray().flat() as number[],
    );
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });

  given('name the pivot of a matrix that is not positive definite', async () => {
    const compute = onOneThread(name);
    const matrix = SymmetricMatrix.allocate(40, { tileSize: 16 });
    const values = new Float32Array(40).fill(1);
    values[37] = -1;
    matrix.addToDiagonal(values);
    await expect(invertPositiveDefinite(compute, matrix)).rejects.toEqual(new SingularMatrixError(37));
  });

  given('keep the largest entries of each row as a full sort does', async () => {
    const compute = onOneThread(name);
    await fc.assert(
      fc.asyncProperty(
        csrMatrices(9, 30, 1),
        fc.constantFrom(...TILE_SIZES),
        fc.integer({ min: 1, max: 40 }),
        async (x, tileSize, keep) => {
          const matrix = await computeGram(compute, x, { tileSize });
          const scale = Float32Array.from({ length: x.numCols }, (_, column) => -1 / (1 + (column % 3)));
          const strips = { matrix: SymmetricStrips.of(matrix), scaling: { columns: scale } };
          const kept = await largestPerRow(compute, strips, keep);
          expect(toDense(kept)).toEqual(
            naiveLargestPerRow(toRows(matrix), scale, keep).map((row) => row.map((value) => value + 0)),
          );
        },
      ),
      RUNS,
    );
  });

  given('rank every row of a product with a symmetric matrix as a full sort does', async () => {
    const compute = onOneThread(name);
    await fc.assert(
      fc.asyncProperty(
        csrMatrices(9, 30, 1),
        fc.constantFrom(...TILE_SIZES),
        fc.integer({ min: 1, max: 40 }),
        async (x, tileSize, k) => {
          const matrix = await computeGram(compute, x, { tileSize });
          const columns = Float32Array.from({ length: x.numCols }, (_, column) => 1 - (column % 3));
          const strips = { matrix: SymmetricStrips.of(matrix), scaling: { columns } };
          const ranked = await rankRows(compute, x, strips, k);
          const scores = x.numRows === 0 ? [] : math.multiply(toDense(x), toRows(matrix));
          scores.forEach((row, r) => {
            const scaled = row.map((score, column) => score * columns[column]!);
            const expected = rankNaively(scaled, x.row(r).indices, k);
            expect([...ranked.columns.subarray(r * k, r * k + ranked.counts[r]!)]).toEqual(expected);
          });
        },
      ),
      RUNS,
    );
  });

  given('score histories and rank them as the naive twin does', () => {
    const kernels = loadKernels(name);
    fc.assert(
      fc.property(
        csrMatrices(14, 14, 1),
        fc.nat(20),
        fc.array(fc.nat(13)),
        fc.boolean(),
        (b, k, picks, masked) => {
          const scorer = new ItemScorer(kernels, { rows: b });
          const indices = Uint32Array.from(new Set(picks.filter((item) => item < b.numRows))).sort();
          const history = { indices, values: Float32Array.from(indices, (item) => 1 + (item % 2)) };
          const expected = naiveScores(b, history);
          expect([...scorer.scores({ history })]).toEqual([...expected].map((score) => score + 0));
          const allowed = Uint8Array.from({ length: b.numCols }, (_, column) => (column % 3 === 0 ? 0 : 1));
          const top = scorer.topK({ history }, k, { exclude: indices, ...(masked && { allowed }) });
          const isAllowed = (column: number) =>
            !indices.includes(column) && (!masked || allowed[column] === 1);
          expect([...top.indices]).toEqual(naiveTopK(expected, k, isAllowed));
          expect([...top.scores]).toEqual([...top.indices].map((column) => expected[column]! + 0));
        },
      ),
      RUNS,
    );
  });

  given('give all their memory back after every call', () => {
    const scorer = new ItemScorer(loadKernels(name), {
      rows: CsrMatrix.fromCoo({ numRows: 3, numCols: 500, rows: [0, 2], cols: [1, 499] }),
      factors: randomFactors(500, 7, 'int8'),
    });
    const history = { indices: Uint32Array.of(0, 2), values: Float32Array.of(1, 1) };
    const embedding = new Float32Array(7);
    scorer.topK({ history, embedding }, 10);
    const before = scorer.memoryBytes;
    for (let call = 0; call < 1_000; call++) scorer.topK({ history, embedding }, 10);
    expect(scorer.memoryBytes).toBe(before);
  });

  given('refuse histories with items that are not there', () => {
    const rows = CsrMatrix.fromCoo({ numRows: 2, numCols: 2, rows: [0], cols: [1] });
    const kernels = loadKernels(name);
    const scorer = new ItemScorer(kernels, { rows, factors: DenseMatrix.zeros(2, 3) });
    expect(() => new ItemScorer(kernels, { rows, factors: DenseMatrix.zeros(3, 3) })).toThrow(ShapeError);
    expect(() => new ItemScorer(kernels, {})).toThrow(ShapeError);
    expect(() => scorer.scores({ embedding: new Float32Array(2) })).toThrow(ShapeError);
    expect(() => scorer.scores({ embedding: Float32Array.of(0, Infinity, 0) })).toThrow(ShapeError);
    expect(() =>
      scorer.scores({ history: { indices: Uint32Array.of(2), values: Float32Array.of(1) } }),
    ).toThrow(ShapeError);
    expect(() =>
      scorer.scores({ history: { indices: Uint32Array.of(0), values: Float32Array.of(NaN) } }),
    ).toThrow(ShapeError);
    expect(() =>
      scorer.topK({}, 1, {
        allowed: new Uint8Array(1),
      }),
    ).toThrow(ShapeError);
  });
});

describe('the two builds', () => {
  it('hold no path of the machine that made them', async () => {
    const { readFileSync } = await import('node:fs');
    for (const name of KERNEL_NAMES) {
      const text = readFileSync(new URL(`../../wasm/${name}.wasm`, import.meta.url)).toString('latin1');
      expect(text).not.toMatch(/\/(root|home|tmp|work|usr|Users)\//);
    }
  });
});
