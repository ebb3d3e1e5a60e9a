import fc from 'fast-check';
import {
  ComputeThreads,
  CsrMatrix,
  DenseMatrix,
  gramFactors,
  GramProducts,
  ItemScorer,
  largestPerRow,
  rankUsers,
  seededRandom,
  ShapeError,
  SymmetricStrips,
  type ChebyshevSeries,
} from '../index.js';
import { naiveGram, naiveTopK, toDense } from '../reference/naive.js';
import { csrMatrices } from '../testing/random-csr.js';

const TOLERANCE = 1e-4;
const RUNS = { numRuns: 40, seed: 31 };
const SERIES: ChebyshevSeries = { scale: 0.1, shift: -0.5, coefficients: [0.3, -1, 0.25, 0.5] };

type Rows = number[][];

function times(a: Rows, b: Rows): Rows {
  return a.map((row) => b[0]!.map((_, col) => row.reduce((sum, value, p) => sum + value * b[p]![col]!, 0)));
}

/** p(G) by the recurrence on whole matrices. */
function naiveSeries(x: CsrMatrix, { scale, shift, coefficients }: ChebyshevSeries): Rows {
  const identity = toRows(x.numCols, x.numCols, (i, j) => Number(i === j));
  const mapped = naiveGram(x).map((row, i) => row.map((g, j) => scale * g + shift * identity[i]![j]!));
  const terms = [identity, mapped];
  while (terms.length < coefficients.length) {
    const [previous, current] = terms.slice(-2) as [Rows, Rows];
    terms.push(times(mapped, current).map((row, i) => row.map((v, j) => 2 * v - previous[i]![j]!)));
  }
  return toRows(x.numCols, x.numCols, (i, j) =>
    coefficients.reduce((sum, coefficient, degree) => sum + coefficient * terms[degree]![i]![j]!, 0),
  );
}

function toRows(numRows: number, numCols: number, entry: (i: number, j: number) => number): Rows {
  return Array.from({ length: numRows }, (_, i) => Array.from({ length: numCols }, (_, j) => entry(i, j)));
}

function randomDense(numRows: number, numCols: number, seed: number): DenseMatrix {
  const random = seededRandom(seed);
  const matrix = DenseMatrix.zeros(numRows, numCols);
  for (let e = 0; e < matrix.values.length; e++) matrix.values[e] = random() - 0.5;
  return matrix;
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, e) =>
    expect(Math.abs(actual[e]! - value)).toBeLessThanOrEqual(TOLERANCE * (1 + Math.abs(value))),
  );
}

describe('Chebyshev series of XᵀX', () => {
  const compute = new ComputeThreads({ threads: 1 });

  it('equal the dense polynomial, column panels of every width', async () => {
    await fc.assert(
      fc.asyncProperty(csrMatrices(8, 8, 1), fc.constantFrom(1, 3, 16, 17, 65, 130), async (x, width) => {
        const blocks = [randomDense(x.numCols, width, width), randomDense(x.numCols, 2, 5)];
        const products = new GramProducts(compute, x);
        const images = await products.apply(SERIES, blocks);
        await products.close();
        blocks.forEach((q, block) => {
          const dense = toRows(q.numRows, q.numCols, (i, j) => q.row(i)[j]!);
          expectClose(images[block]!.values, times(naiveSeries(x, SERIES), dense).flat());
        });
      }),
      RUNS,
    );
  });

  it('give strips, with a low-rank part added, whose largest entries are kept', async () => {
    await fc.assert(
      fc.asyncProperty(csrMatrices(8, 9, 2), fc.integer({ min: 1, max: 9 }), async (x, keep) => {
        const vectors = randomDense(x.numCols, 3, keep);
        const weights = Float32Array.of(1, -2, 0.5);
        const strips = SymmetricStrips.filtered(gramFactors(compute, x), SERIES, { vectors, weights });
        const columns = Float32Array.from({ length: x.numCols }, (_, j) => 1 + (j % 3));
        const kept = toDense(await largestPerRow(compute, strips, { columns }, keep));
        const series = naiveSeries(x, SERIES);
        kept.forEach((row, i) => {
          const whole = series[i]!.map((value, j) => {
            const low = weights.reduce(
              (sum, weight, f) => sum + weight * vectors.row(i)[f]! * vectors.row(j)[f]!,
              0,
            );
            return (value + low) * columns[j]!;
          });
          const others = whole.filter((_, j) => j !== i && row[j] === 0).map(Math.abs);
          row.forEach((value, j) => {
            if (value === 0) return;
            expect(Math.abs(value - whole[j]!)).toBeLessThan(TOLERANCE * (1 + Math.abs(value)));
            expect(Math.abs(value)).toBeGreaterThanOrEqual(Math.max(0, ...others) - TOLERANCE);
          });
          expect(row.filter((value) => value !== 0).length).toBeLessThanOrEqual(keep);
        });
      }),
      RUNS,
    );
  });
});

describe('rankUsers', () => {
  const compute = new ComputeThreads({ threads: 1 });
  const histories = CsrMatrix.fromCoo({
    numRows: 150,
    numCols: 11,
    rows: Array.from({ length: 450 }, (_, e) => Math.floor(e / 3)),
    cols: Array.from({ length: 450 }, (_, e) => (Math.floor(e / 3) + [0, 2, 5][e % 3]!) % 11),
  });
  const rows = CsrMatrix.fromCoo({
    numRows: 11,
    numCols: 11,
    rows: Array.from({ length: 33 }, (_, e) => Math.floor(e / 3)),
    cols: Array.from({ length: 33 }, (_, e) => (Math.floor(e / 3) + 1 + (e % 3)) % 11),
    values: Array.from({ length: 33 }, (_, e) => ((e * 7) % 5) - 1.5),
  });

  it.each([
    ['sparse rows', true, false],
    ['factors', false, true],
    ['both', true, true],
  ])('answers what the scorer answers for one user, by %s', async (_, sparse, dense) => {
    const items = {
      ...(sparse && { rows }),
      ...(dense && { factors: randomDense(11, 20, 1) }),
    };
    const embeddings = randomDense(150, 20, 2);
    const ranked = await rankUsers(compute, items, { histories, embeddings }, 6);
    const scorer = new ItemScorer(compute.kernels, items);
    for (let user = 0; user < 150; user++) {
      const history = histories.row(user);
      const one = scorer.topK({ history, embedding: embeddings.row(user) }, 6, { exclude: history.indices });
      expect([...ranked.columns.subarray(user * 6, user * 6 + ranked.counts[user]!)]).toEqual([
        ...one.indices,
      ]);
      expectClose(ranked.scores.subarray(user * 6, user * 6 + ranked.counts[user]!), [...one.scores]);
    }
  });

  it('ranks by a filter as by the dense matrix, and no more than there are', async () => {
    await fc.assert(
      fc.asyncProperty(csrMatrices(8, 8, 1), fc.integer({ min: 1, max: 12 }), async (x, k) => {
        const scaling = Float32Array.from({ length: x.numCols }, (_, j) => 1 + j / 4);
        const filter = { factors: gramFactors(compute, x), series: SERIES, scaling };
        const ranked = await rankUsers(compute, { filter }, { histories: x }, k);
        const series = naiveSeries(x, SERIES);
        toDense(x).forEach((history, user) => {
          const scores = scaling.map((scale, item) =>
            history.reduce((sum, v, j) => sum + (v / scaling[j]!) * series[j]![item]! * scale, 0),
          );
          const own = new Set(x.row(user).indices);
          const expected = naiveTopK(scores, k, (item) => !own.has(item));
          const found = ranked.columns.subarray(user * ranked.k, user * ranked.k + ranked.counts[user]!);
          expect(found).toHaveLength(expected.length);
          found.forEach((item, rank) => {
            expect(own.has(item)).toBe(false);
            expect(Math.abs(scores[item]! - scores[expected[rank]!]!)).toBeLessThan(1e-3);
          });
        });
      }),
      RUNS,
    );
  });

  it('gives the same bits with 1, 2 and 3 threads', async () => {
    const items = { rows, factors: randomDense(11, 20, 1) };
    const users = { histories, embeddings: randomDense(150, 20, 2) };
    const alone = await rankUsers(compute, items, users, 5);
    for (const threads of [2, 3]) {
      const several = new ComputeThreads({ threads });
      expect(await rankUsers(several, items, users, 5)).toEqual(alone);
      several.close();
    }
  });

  it('refuses parts that do not belong together', async () => {
    const scaling = new Float32Array(11).fill(1);
    const filter = { factors: gramFactors(compute, histories), series: SERIES, scaling };
    const refused = [
      [{ rows, filter }, { histories }],
      [{ factors: randomDense(10, 2, 1) }, { histories, embeddings: randomDense(150, 2, 1) }],
      [{ factors: randomDense(11, 2, 1) }, { histories }],
      [{ factors: randomDense(11, 2, 1) }, { histories, embeddings: randomDense(149, 2, 1) }],
    ] as const;
    for (const [items, users] of refused)
      await expect(rankUsers(compute, items, users, 3)).rejects.toThrow(ShapeError);
  });
});
