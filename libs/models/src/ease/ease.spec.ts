import { all, create, type FactoryFunctionMap, type Matrix } from 'mathjs';
import fc from 'fast-check';
import { CsrMatrix } from '@app/sparse';
import { evaluate, evaluateBatches } from '../evaluation/evaluate.js';
import { holdOut } from '../dataset/split.js';
import { describeRecommender } from '../testing/recommender-conformance.js';
import { historyOf, twoTastes, userItemMatrices } from '../testing/toy-datasets.js';
import { ease } from './ease.model.js';

const math = create(all as FactoryFunctionMap);
const TOLERANCE = 1e-4;

describeRecommender(ease, { regularization: 2, entriesPerRow: 200 });

/** B by the book, with mathjs. */
function denseWeights(x: CsrMatrix, regularization: number): number[][] {
  const rows = Array.from({ length: x.numRows }, (_, user) => {
    const row = new Array<number>(x.numCols).fill(0);
    x.row(user).indices.forEach((item) => (row[item] = 1));
    return row;
  });
  const gram = math.multiply(math.transpose(rows), rows);
  const identity = (math.identity(x.numCols) as Matrix).toArray() as number[][];
  const p = math.inv(math.add(gram, math.multiply(identity, regularization)) as number[][]);
  return p.map((row, j) => row.map((value, k) => (j === k ? 0 : -value / p[k]![k]!)));
}

describe('EASE', () => {
  it('scores three items as worked out by hand', async () => {
    // X = [[1, 1, 0], [1, 1, 0], [0, 1, 1]], λ = 1: G + λI = [[3, 2, 0], [2, 4, 1], [0, 1, 2]], det = 13,
    // P = [[7, -4, 2], [-4, 6, -3], [2, -3, 8]] / 13, so B_01 = 4/6, B_02 = -2/8, B_10 = 4/7, B_12 = 3/8, B_20 = -2/7, B_21 = 3/6.
    const x = CsrMatrix.fromCoo({
      numRows: 3,
      numCols: 3,
      rows: [0, 0, 1, 1, 2, 2],
      cols: [0, 1, 0, 1, 1, 2],
    });
    const { recommender } = await ease.fit(x, { regularization: 1, entriesPerRow: 10 }, { seed: 1 });
    const rows = [0, 1, 2].map((item) => [...recommender.scoreUser(historyOf(item))]);
    const expected = [
      [0, 4 / 6, -2 / 8],
      [4 / 7, 0, 3 / 8],
      [-2 / 7, 3 / 6, 0],
    ];
    rows.flat().forEach((value, entry) => expect(value).toBeCloseTo(expected.flat()[entry]!, 5));
  });

  it('equals the dense formula by mathjs on any matrix', async () => {
    await fc.assert(
      fc.asyncProperty(userItemMatrices, fc.integer({ min: 1, max: 500 }), async (x, regularization) => {
        const { recommender } = await ease.fit(x, { regularization, entriesPerRow: 10_000 }, { seed: 1 });
        const weights = denseWeights(x, regularization);
        weights.forEach((row, item) => {
          recommender
            .scoreUser(historyOf(item))
            .forEach((score, other) => expect(Math.abs(score - row[other]!)).toBeLessThan(TOLERANCE));
        });
      }),
      { numRuns: 40, seed: 3 },
    );
  });

  it('keeps the largest entries of each row when it is pruned', async () => {
    const x = twoTastes();
    const { recommender } = await ease.fit(x, { regularization: 2, entriesPerRow: 3 }, { seed: 1 });
    denseWeights(x, 2).forEach((row, item) => {
      const largest = row.map(Math.abs).sort((a, b) => b - a)[2]!;
      const kept = [...recommender.scoreUser(historyOf(item))].filter((score) => score !== 0);
      expect(kept).toHaveLength(3);
      for (const score of kept) expect(Math.abs(score)).toBeGreaterThanOrEqual(largest - TOLERANCE);
    });
  });

  it('measures the same pruned and unpruned when nothing is pruned', async () => {
    const split = holdOut(twoTastes(), { fraction: 0.2, seed: 5 });
    const { recommender, unpruned } = await ease.fit(
      split.train,
      { regularization: 2, entriesPerRow: 10_000 },
      { seed: 1 },
    );
    const options = { ks: [5], seed: 1 };
    expect(evaluateBatches(unpruned!, split, options)).toEqual(evaluate(recommender, split, options));
  });

  it('finds the held-out items of two tastes', async () => {
    const split = holdOut(twoTastes(), { fraction: 0.2, seed: 5 });
    const { recommender } = await ease.fit(
      split.train,
      { regularization: 2, entriesPerRow: 200 },
      { seed: 1 },
    );
    expect(evaluate(recommender, split, { ks: [10], seed: 1 }).metrics['ndcg@10']?.mean).toBeGreaterThan(0.6);
  });

  it.each([
    ['regularization', 0],
    ['regularization', Number.NaN],
    ['entriesPerRow', 0],
    ['entriesPerRow', 1.5],
    ['unknown', 1],
  ])('refuses %s = %p', (name, value) => {
    expect(ease.parameters.safeParse({ [name]: value }).success).toBe(false);
  });
});
