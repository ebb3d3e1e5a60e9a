import fc from 'fast-check';
import { all, create, type FactoryFunctionMap } from 'mathjs';
import { CsrMatrix } from '#sparse';
import { holdOut } from '../dataset/split.js';
import { evaluate, evaluateBatch } from '../evaluation/evaluate.js';
import { countEntries } from '../linear/entries-per-row.js';
import { LINEAR } from '../testing/declared.js';
import { describeRecommender } from '../testing/recommender-conformance.js';
import { historyOf, twoTastes, userItemMatrices } from '../testing/toy-datasets.js';
import { chooseForm } from './ease.cost.js';
import { ease } from './ease.model.js';
import { easeParameters, type EaseParameters } from './ease.params.js';

const math = create(all as FactoryFunctionMap);
const TOLERANCE = 1e-4;

/** Whole and unrounded, unless a test says otherwise. */
function parameters(given: Partial<EaseParameters>): EaseParameters {
  return easeParameters.parse({ entriesPerRow: 10_000, storage: 'f32', ...given });
}

describeRecommender(ease, parameters({ regularization: 2 }), { ...LINEAR, ndcg: 0.3 });

/** B by the book, with mathjs: G of users weighted by d^−β, ridge λ + p/(1 − p)·c. */
function denseWeights(
  x: CsrMatrix,
  regularization: number,
  { dropout = 0, userWeightExponent = 0 }: Partial<EaseParameters> = {},
): number[][] {
  const rows = Array.from({ length: x.numRows }, (_, user) => {
    const row = new Array<number>(x.numCols).fill(0);
    x.row(user).indices.forEach((item) => (row[item] = 1));
    return row;
  });
  const weighted = rows.map((row) => {
    const weight =
      Math.max(
        1,
        row.reduce((sum, value) => sum + value, 0),
      ) ** -userWeightExponent;
    return row.map((value) => value * weight);
  });
  const counts = x.columnCounts();
  const ridge = math.diag(Array.from(counts, (count) => regularization + (dropout / (1 - dropout)) * count));
  const p = math.inv(math.add(math.multiply(math.transpose(rows), weighted), ridge) as number[][]);
  return p.map((row, j) => row.map((value, k) => (j === k ? 0 : -value / p[k]![k]!)));
}

describe('EASE', () => {
  it('scores three items as worked out by hand', async () => {
    // X = [[1, 1, 0], [1, 1, 0], [0, 1, 1]], λ = 1: G + λI = [[3, 2, 0], [2, 4, 1], [0, 1, 2]], det = 13, P =
    // [[7, -4, 2], [-4, 6, -3], [2, -3, 8]] / 13, so B_01 = 4/6, B_02 = -2/8, B_10 = 4/7, B_12 = 3/8, B_20 =
    // -2/7, B_21 = 3/6.
    const x = CsrMatrix.fromCoo({
      numRows: 3,
      numCols: 3,
      rows: [0, 0, 1, 1, 2, 2],
      cols: [0, 1, 0, 1, 1, 2],
    });
    const { recommender } = await ease.fit(x, parameters({ regularization: 1 }), { seed: 1 });
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
        const { recommender } = await ease.fit(x, parameters({ regularization }), { seed: 1 });
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

  it.each([
    ['plain', {}],
    ['with dropout', { dropout: 0.4 }],
    ['with user weights', { userWeightExponent: 0.7 }],
    ['with both', { dropout: 0.6, userWeightExponent: 0.5 }],
  ])('equals the dense formula, %s, by the primal and by the dual form', async (_, given) => {
    await fc.assert(
      fc.asyncProperty(userItemMatrices, fc.integer({ min: 1, max: 50 }), async (x, regularization) => {
        const weights = denseWeights(x, regularization, given);
        for (const form of ['primal', 'dual'] as const) {
          const { recommender } = await ease.fit(x, parameters({ regularization, form, ...given }), {
            seed: 1,
          });
          weights.forEach((row, item) => {
            recommender
              .scoreUser(historyOf(item))
              .forEach((score, other) => expect(Math.abs(score - row[other]!)).toBeLessThan(TOLERANCE));
          });
        }
      }),
      { numRuns: 20, seed: 3 },
    );
  });

  it('solves on the cheaper side by itself', () => {
    const wide = { numUsers: 1_892, numItems: 4_489, nnz: 42_135 };
    expect(chooseForm(wide, parameters({}))).toBe('dual');
    expect(chooseForm({ numUsers: 6_039, numItems: 3_628, nnz: 671_630 }, parameters({}))).toBe('primal');
    expect(chooseForm(wide, parameters({ form: 'primal' }))).toBe('primal');
  });

  it.each([
    ['large and sparse', [29_858, 40_981, 810_128], 'blocks'],
    ['of a million items', [1_000_000, 1_000_000, 20_000_000], 'blocks'],
    ['large and dense', [138_493, 26_744, 20_000_000], 'primal'],
    ['sparse and small on one side', [16_384, 1_000_000, 1_000_000], 'dual'],
    ['just large enough', [16_385, 16_385, 64 * 16_385], 'blocks'],
    ['just too dense', [16_385, 16_385, 64 * 16_385 + 1], 'primal'],
  ] as const)('takes for data that is %s the form that suits it', (_, [numUsers, numItems, nnz], form) => {
    expect(chooseForm({ numUsers, numItems, nnz }, parameters({}))).toBe(form);
  });

  it('is bit-identical when all weights are 1', async () => {
    const x = twoTastes();
    const ones = x.scale({
      rows: new Float32Array(x.numRows).fill(1),
      columns: new Float32Array(x.numCols).fill(1),
    });
    const fits = await Promise.all([x, ones].map((matrix) => ease.fit(matrix, parameters({}), { seed: 1 })));
    expect(fits[1]!.recommender.encode()).toEqual(fits[0]!.recommender.encode());
  });

  it.each([
    ['f32', 0],
    ['f16', 1 / 2_048],
    ['int8', 1 / 254],
  ] as const)(
    'stored as %s is off by %p of the largest entry of a row at most',
    async (storage, tolerance) => {
      const { recommender, storedAs } = await ease.fit(twoTastes(), parameters({}), { seed: 1 });
      const stored = storedAs!(storage);
      const copy = ease.decode(stored.encode());
      for (let item = 0; item < recommender.numItems; item++) {
        const exact = recommender.scoreUser(historyOf(item));
        const largest = Math.max(...exact.map(Math.abs));
        const rounded = stored.scoreUser(historyOf(item));
        expect(copy.scoreUser(historyOf(item))).toEqual(rounded);
        rounded.forEach((score, other) =>
          expect(Math.abs(score - exact[other]!)).toBeLessThanOrEqual(tolerance * largest * 1.001),
        );
      }
    },
  );

  it('says how far the inverse is off, and refuses what float32 cannot solve', async () => {
    const { residual } = await ease.fit(twoTastes(), parameters({ regularization: 10 }), { seed: 1 });
    expect(residual).toBeLessThan(1e-5);
    const alike = CsrMatrix.fromCoo({
      numRows: 4_000,
      numCols: 12,
      rows: Array.from({ length: 48_000 }, (_, e) => Math.floor(e / 12)),
      cols: Array.from({ length: 48_000 }, (_, e) => e % 12),
    });
    await expect(ease.fit(alike, parameters({ regularization: 1e-5 }), { seed: 1 })).rejects.toMatchObject({
      code: 'numerically-singular',
      message: expect.stringContaining('raise regularization above 0.00001') as string,
    });
  });

  it('keeps four million entries in all, and at least 200 a row, unless told how many', () => {
    expect([1, 150, 4_000, 41_000].map((numItems) => countEntries('auto', numItems))).toEqual([
      1, 150, 1_000, 200,
    ]);
    expect(countEntries(500, 300)).toBe(300);
  });

  it('keeps the largest entries of each row when it is pruned', async () => {
    const x = twoTastes();
    const { recommender } = await ease.fit(x, parameters({ regularization: 2, entriesPerRow: 3 }), {
      seed: 1,
    });
    denseWeights(x, 2).forEach((row, item) => {
      const largest = row.map(Math.abs).sort((a, b) => b - a)[2]!;
      const kept = [...recommender.scoreUser(historyOf(item))].filter((score) => score !== 0);
      expect(kept).toHaveLength(3);
      for (const score of kept) expect(Math.abs(score)).toBeGreaterThanOrEqual(largest - TOLERANCE);
    });
  });

  it('measures the same pruned and unpruned when nothing is pruned', async () => {
    const split = holdOut(twoTastes(), { fraction: 0.2, seed: 5 });
    const { recommender, rankUnpruned } = await ease.fit(split.train, parameters({ regularization: 2 }), {
      seed: 1,
    });
    const options = { ks: [5], seed: 1 };
    expect(await evaluateBatch(rankUnpruned!, split, options)).toEqual(evaluate(recommender, split, options));
  });

  it('finds the held-out items of two tastes', async () => {
    const split = holdOut(twoTastes(), { fraction: 0.2, seed: 5 });
    const { recommender } = await ease.fit(
      split.train,
      parameters({ regularization: 2, entriesPerRow: 200 }),
      { seed: 1 },
    );
    expect(evaluate(recommender, split, { ks: [10], seed: 1 }).metrics['ndcg@10']?.mean).toBeGreaterThan(0.6);
  });

  it.each([
    ['regularization', 0],
    ['regularization', Number.NaN],
    ['dropout', 1],
    ['userWeightExponent', -1],
    ['storage', 'f8'],
    ['entriesPerRow', 0],
    ['entriesPerRow', 'all'],
    ['entriesPerRow', 1.5],
    ['unknown', 1],
  ])('refuses %s = %p', (name, value) => {
    expect(ease.parameters.safeParse({ [name]: value }).success).toBe(false);
  });
});
