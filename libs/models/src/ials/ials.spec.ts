import { all, create, type FactoryFunctionMap } from 'mathjs';
import { ComputeThreads, CsrMatrix } from '#sparse';
import { STORAGE_TYPES } from '../artifact/row-storage.js';
import { holdOut } from '../dataset/split.js';
import { evaluate } from '../evaluation/evaluate.js';
import { describeRecommender } from '../testing/recommender-conformance.js';
import { historyOf, twoTastes } from '../testing/toy-datasets.js';
import { ials } from './ials.model.js';
import { factorise } from './ials.solver.js';
import { modelOf, onOneThread, parameters, rowsOf } from './testing/naive-als.js';

const math = create(all as FactoryFunctionMap);

for (const storage of STORAGE_TYPES)
  describeRecommender(ials, parameters({ storage }), {
    isPersonal: true,
    explains: true,
    embeds: true,
    lends: true,
    ranksAllAtOnce: true,
    ndcg: 0.28,
  });

describe('ials', () => {
  it('ends at the score of a pair that is computed by hand', async () => {
    // One user, one item, one factor, L = (wh − 1)² + (wh)²/4 + r(w² + h²) with r = 0.1·(1 + 1/4) = 1/8: at
    // the minimum w = h and w²(1 + 1/4) = 1 − r, so the score is (7/8) / (5/4) = 0.7.
    const x = CsrMatrix.fromCoo({ numRows: 1, numCols: 1, rows: [0], cols: [0] });
    const given = parameters({ factors: 1, regularization: 0.1, unobservedWeight: 0.25, epochs: 100 });
    const { recommender } = await ials.fit(x, given, { seed: 1 });
    expect(recommender.scoreUser(historyOf(0))[0]).toBeCloseTo(0.7, 5);
  });

  it('folds a history in, scores, compares and explains as by hand', () => {
    // H = (1 0; 1 1), HᵀH = (2 1; 1 1), history {0}, r = 1: A = ½HᵀH + h₀h₀ᵀ + I = (3 ½; ½ 3/2), det A =
    // 17/4, so w = A⁻¹h₀ = (6, −2)/17.
    const given = parameters({
      factors: 2,
      regularization: 1,
      regularizationExponent: 0,
      unobservedWeight: 0.5,
    });
    const model = modelOf(
      [
        [1, 0],
        [1, 1],
      ],
      given,
    );
    const expected = [6 / 17, 4 / 17];
    expect([...model.embed(historyOf(0))].map((value) => value * 17)).toEqual([
      expect.closeTo(6, 5),
      expect.closeTo(-2, 5),
    ]);
    model.scoreUser(historyOf(0)).forEach((score, item) => expect(score).toBeCloseTo(expected[item]!, 6));
    expect(model.explain(historyOf(0), 1)).toEqual([
      { itemIndex: 0, part: expect.closeTo(4 / 17, 6) as number },
    ]);
    expect(model.similarItems(0, 5).scores[0]).toBeCloseTo(Math.SQRT1_2, 6);
  });

  it('ranks as confidences of αx with target 1 do, with a₀ = 1/(α − 1) and λ/α, where all x are 1', () => {
    // The normal equations of implicit's ALS: A = HᵀH + (α − 1)Σhhᵀ + λI, b = αΣh. One half step
    // on the same H.
    const [alpha, lambda] = [9, 4];
    const given = parameters({
      factors: 2,
      regularizationExponent: 0,
      unobservedWeight: 1 / (alpha - 1),
      regularization: lambda / alpha,
    });
    const h = [
      [0.5, 0.2],
      [-0.1, 0.9],
      [0.4, 0.4],
    ];
    // Their factors are longer by √(target), target = α/(α − 1), on either side.
    const target = alpha / (alpha - 1);
    const theirs = h.map((row) => row.map((value) => value * Math.sqrt(target)));
    const gram = math.multiply(math.transpose(theirs), theirs);
    const past = [0, 2];
    const a = gram.map((row, p) =>
      row.map(
        (value, q) =>
          value +
          past.reduce((sum, j) => sum + (alpha - 1) * theirs[j]![p]! * theirs[j]![q]!, 0) +
          (p === q ? lambda : 0),
      ),
    );
    const b = [0, 1].map((p) => past.reduce((sum, j) => sum + alpha * theirs[j]![p]!, 0));
    const w = (math.lusolve(a, b) as number[][]).flat();
    modelOf(h, given)
      .scoreUser(historyOf(...past))
      .forEach((score, item) => expect(score * target).toBeCloseTo(math.dot(theirs[item]!, w), 5));
  });

  it('fits a matrix without any interaction', async () => {
    const x = CsrMatrix.fromCoo({ numRows: 2, numCols: 4, rows: [], cols: [] });
    const { recommender } = await ials.fit(x, parameters(), { seed: 1 });
    expect([...recommender.scoreUser(historyOf(1))]).toEqual([0, 0, 0, 0]);
  });

  it('gives the same bytes, however many threads there are', async () => {
    const fitWith = async (threads: number) => {
      const compute = new ComputeThreads({ threads });
      try {
        const shares: number[] = [];
        const onProgress = (share: number) => shares.push(share);
        const { recommender } = await ials.fit(twoTastes(), parameters(), { seed: 1, compute, onProgress });
        expect(shares).toEqual([...shares].sort((a, b) => a - b));
        expect(shares.at(-1)).toBe(1);
        return recommender.encode();
      } finally {
        compute.close();
      }
    };
    const alone = await fitWith(1);
    for (const threads of [2, 3]) expect(await fitWith(threads)).toEqual(alone);
  });

  it('names the parameter to raise when float32 is not enough', async () => {
    const given = parameters({ factors: 30, regularization: 1e-12, regularizationExponent: 0 });
    const refusal = {
      code: 'numerically-singular',
      message: expect.stringContaining('raise regularization above 1e-12') as string,
    };
    await expect(ials.fit(twoTastes(), given, { seed: 1 })).rejects.toMatchObject(refusal);
    const alike = modelOf(
      [
        [1, 1],
        [1, 1],
      ],
      { ...given, factors: 2 },
    );
    expect(() => alike.scoreUser(historyOf(0))).toThrow(expect.objectContaining(refusal));
  });

  it.each([
    ['f32', 0],
    ['f16', 1 / 2_048],
    ['int8', 1 / 254],
  ] as const)(
    'stored as %s rounds a factor by %p of the largest of its item at most',
    async (storage, share) => {
      const { storedAs } = await ials.fit(twoTastes(), parameters(), { seed: 1 });
      const { items } = await factorise(twoTastes(), parameters(), onOneThread());
      const stored = storedAs!(storage);
      const copy = ials.decode(stored.encode());
      expect(copy.embed(historyOf(1, 3))).toEqual(stored.embed!(historyOf(1, 3)));
      const exact = modelOf(rowsOf(items), parameters());
      const query = stored.embed!(historyOf(2));
      const rounded = stored.scoreUser(historyOf(2));
      rowsOf(items).forEach((row, item) => {
        const bound =
          share * Math.max(...row.map(Math.abs)) * query.reduce((sum, value) => sum + Math.abs(value), 0);
        const unrounded = math.dot(row, [...query]);
        expect(Math.abs(rounded[item]! - unrounded)).toBeLessThanOrEqual(bound * 1.001 + 1e-6);
      });
      if (storage === 'f32') expect(rounded).toEqual(exact.scoreUser(historyOf(2)));
    },
  );

  it('finds the held-out items of two tastes', async () => {
    const split = holdOut(twoTastes(), { fraction: 0.2, seed: 5 });
    const { recommender } = await ials.fit(split.train, parameters({ epochs: 16 }), { seed: 1 });
    expect(evaluate(recommender, split, { ks: [10], seed: 1 }).metrics['ndcg@10']?.mean).toBeGreaterThan(0.6);
  });

  it('estimates what it holds', () => {
    const shape = { numUsers: 1_000, numItems: 500, nnz: 20_000 };
    const small = ials.estimate(shape, parameters({ factors: 64 }), 1);
    expect(small.artifactBytes).toBeGreaterThan(4 * 500 * 64);
    expect(small.peakBytes).toBeGreaterThan(4 * 1_500 * 64);
    expect(ials.estimate(shape, parameters({ factors: 64 }), 2).peakBytes).toBeGreaterThan(small.peakBytes);
    expect(ials.estimate(shape, parameters({ factors: 64, epochs: 10 }), 1).flops).toBe(2 * small.flops);
  });

  it.each([
    ['factors', 0],
    ['factors', 1.5],
    ['factors', 1_025],
    ['regularization', 0],
    ['regularization', Number.NaN],
    ['regularizationExponent', 1.1],
    ['unobservedWeight', 0],
    ['epochs', 0],
    ['storage', 'f8'],
    ['unknown', 1],
  ])('refuses %s = %p', (name, value) => {
    expect(ials.parameters.safeParse({ [name]: value }).success).toBe(false);
  });
});
