import fc from 'fast-check';
import { all, create, type FactoryFunctionMap } from 'mathjs';
import { ComputeThreads, CsrMatrix } from '#sparse';
import { holdOut } from '../dataset/split.js';
import { evaluate } from '../evaluation/evaluate.js';
import { parseParameters } from '../model-registry.js';
import { LINEAR } from '../testing/declared.js';
import { describeRecommender } from '../testing/recommender-conformance.js';
import { historyOf, twoTastes, userItemMatrices } from '../testing/toy-datasets.js';
import { itemKnn } from './item-knn.model.js';
import { itemKnnParameters, type ItemKnnParameters } from './item-knn.params.js';

const math = create(all as FactoryFunctionMap);
const TOLERANCE = 1e-5;

/** Whole and unrounded, unless a test says otherwise. */
function parameters(given: object): ItemKnnParameters {
  return itemKnnParameters.parse({ entriesPerRow: 10_000, storage: 'f32', ...given });
}

const NDCG: Record<string, number> = { cosine: 0.39, bm25: 0.39, 'turbo-cf': 0.39 };
const WEIGHTINGS = [
  { weighting: 'cosine', shrinkage: 2 },
  { weighting: 'bm25', k1: 1.5, b: 0.6 },
  { weighting: 'turbo-cf', degreeExponent: 0.6, power: 0.7 },
];

WEIGHTINGS.forEach((given) =>
  describe(given.weighting, () =>
    describeRecommender(itemKnn, parameters(given), { ...LINEAR, ndcg: NDCG[given.weighting]! }),
  ),
);

/** The rows of X as numbers, 0 where there is no entry. */
function rowsOf(x: CsrMatrix): number[][] {
  return Array.from({ length: x.numRows }, (_, user) => {
    const row = new Array<number>(x.numCols).fill(0);
    const { indices, values } = x.row(user);
    indices.forEach((item, e) => (row[item] = values[e]!));
    return row;
  });
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** S by the book, with mathjs, from dense rows. */
function denseSimilarities(x: CsrMatrix, given: ItemKnnParameters): number[][] {
  const rows = rowsOf(x);
  const columns = math.transpose(rows);
  const items = columns.map(total);
  const gram = (y: number[][]) => math.multiply(math.transpose(y), y);
  switch (given.weighting) {
    case 'cosine': {
      const norms = columns.map((column) => Math.sqrt(total(column.map((value) => value ** 2))));
      return gram(rows).map((row, j) =>
        row.map((sum, k) => (sum === 0 ? 0 : sum / (norms[j]! * norms[k]! + given.shrinkage))),
      );
    }
    case 'bm25': {
      const weighted = rows.map((row) => {
        const degree = row.filter((value) => value !== 0).length;
        return row.map((value, item) => {
          if (value === 0) return 0;
          const length = 1 - given.b + (given.b * items[item]!) / (total(items) / x.numCols);
          const frequency = (value * (given.k1 + 1)) / (given.k1 * length + value);
          return frequency * Math.log(x.numCols / (1 + degree));
        });
      });
      return gram(weighted);
    }
    case 'turbo-cf': {
      const scaled = rows.map((row) =>
        row.map((value, item) =>
          value === 0
            ? 0
            : value * total(row) ** -given.degreeExponent * items[item]! ** (given.degreeExponent - 1),
        ),
      );
      return gram(scaled).map((row) => row.map((entry) => entry ** given.power));
    }
  }
}

describe('item-knn', () => {
  // X = [[1, 1, 0], [1, 1, 0], [0, 1, 1]]: G = [[2, 2, 0], [2, 3, 1], [0, 1, 1]].
  const three = CsrMatrix.fromCoo({
    numRows: 3,
    numCols: 3,
    rows: [0, 0, 1, 1, 2, 2],
    cols: [0, 1, 0, 1, 1, 2],
  });

  it.each([
    // S_01 = 2/√(2·3), S_12 = 1/√3
    ['cosine', { weighting: 'cosine' }, [2 / Math.sqrt(6), 0, 1 / Math.sqrt(3)]],
    // S_01 = 2/(√(2·3) + 4), S_12 = 1/(√3 + 4)
    [
      'shrunk cosine',
      { weighting: 'cosine', shrinkage: 4 },
      [2 / (Math.sqrt(6) + 4), 0, 1 / (Math.sqrt(3) + 4)],
    ],
    // All users have 2 of 3 items: idf = ln(3/3) = 0.
    ['BM25 of users without information', { weighting: 'bm25' }, [0, 0, 0]],
    // α = 1/2: y_uj = 1/√(2·c_j), so S_01 = (2/(2·√(2·3)))^2 = 1/6, S_12 = (1/(2·√3))^2 = 1/12
    ['Turbo-CF', { weighting: 'turbo-cf', degreeExponent: 0.5, power: 2 }, [1 / 6, 0, 1 / 12]],
  ])('scores three items by %s as worked out by hand', async (_, given, [s01, s02, s12]) => {
    const { recommender } = await itemKnn.fit(three, parameters(given), { seed: 1 });
    const rows = [0, 1, 2].map((item) => [...recommender.scoreUser(historyOf(item))]);
    const expected = [0, s01!, s02!, s01!, 0, s12!, s02!, s12!, 0];
    rows.flat().forEach((value, entry) => expect(value).toBeCloseTo(expected[entry]!, 6));
  });

  it('weighs by BM25 as worked out by hand', async () => {
    // X = [[1, 1, 0, 0], [0, 1, 1, 0]], n = 4, d = 2 each: idf = ln(4/3). c = (1, 2, 1, 0), mean 1, K1 = 1,
    // B = 1/2: lengths (1, 3/2, 1), so y = 2/(1 + 1)·idf = idf for items 0 and 2 and 2/(3/2 + 1)·idf =
    // 4/5·idf for item 1.
    const x = CsrMatrix.fromCoo({ numRows: 2, numCols: 4, rows: [0, 0, 1, 1], cols: [0, 1, 1, 2] });
    const given = parameters({ weighting: 'bm25', k1: 1, b: 0.5 });
    const { recommender } = await itemKnn.fit(x, given, { seed: 1 });
    const entry = 0.8 * Math.log(4 / 3) ** 2;
    const scores = [...recommender.scoreUser(historyOf(0, 2))];
    scores.forEach((score, item) => expect(score).toBeCloseTo(item === 1 ? 2 * entry : 0, 6));
  });

  it.each(WEIGHTINGS)('equals the dense formula by mathjs on any matrix: $weighting', async (given) => {
    const weights = fc.array(fc.constantFrom(1, 2, 0.5), { minLength: 120, maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(userItemMatrices, weights, fc.boolean(), async (ones, drawn, weighted) => {
        const values = weighted ? Float32Array.from(drawn.slice(0, ones.nnz)) : ones.values;
        const x = ones.withValues(values);
        const { recommender } = await itemKnn.fit(x, parameters(given), { seed: 1 });
        denseSimilarities(x, parameters(given)).forEach((row, item) => {
          recommender.scoreUser(historyOf(item)).forEach((score, other) => {
            const expected = other === item ? 0 : row[other]!;
            expect(Math.abs(score - expected)).toBeLessThan(TOLERANCE * (1 + Math.abs(expected)));
          });
        });
      }),
      { numRuns: 40, seed: 3 },
    );
  });

  it.each(WEIGHTINGS)('keeps the nearest items of each: $weighting', async (given) => {
    const x = twoTastes();
    const { recommender } = await itemKnn.fit(x, parameters({ ...given, entriesPerRow: 3 }), { seed: 1 });
    denseSimilarities(x, parameters(given)).forEach((row, item) => {
      const third = row.filter((_, other) => other !== item).sort((a, b) => b - a)[2]!;
      const kept = [...recommender.scoreUser(historyOf(item))].filter((score) => score !== 0);
      expect(kept).toHaveLength(3);
      for (const score of kept) expect(score).toBeGreaterThanOrEqual(third - TOLERANCE);
    });
  });

  it('is bit-identical on any number of threads', async () => {
    const fits = await Promise.all(
      [1, 2].map(async (threads) => {
        const compute = new ComputeThreads({ threads });
        const { recommender } = await itemKnn.fit(wide(), parameters({ weighting: 'turbo-cf' }), {
          seed: 1,
          compute,
        });
        compute.close();
        return recommender.encode();
      }),
    );
    expect(fits[1]).toEqual(fits[0]);
  });

  it.each(WEIGHTINGS)('finds the held-out items of two tastes: $weighting', async (given) => {
    const split = holdOut(twoTastes(), { fraction: 0.2, seed: 5 });
    const { recommender } = await itemKnn.fit(split.train, parameters(given), { seed: 1 });
    expect(evaluate(recommender, split, { ks: [10], seed: 1 }).metrics['ndcg@10']?.mean).toBeGreaterThan(0.6);
  });

  it('is stored in any type, rounded by half a step of the largest entry of a row at most', async () => {
    const { recommender, storedAs } = await itemKnn.fit(twoTastes(), parameters({}), { seed: 1 });
    const rounded = itemKnn.decode(storedAs!('int8').encode());
    for (let item = 0; item < recommender.numItems; item++) {
      const exact = recommender.scoreUser(historyOf(item));
      const step = Math.max(...exact) / 127;
      rounded
        .scoreUser(historyOf(item))
        .forEach((score, other) =>
          expect(Math.abs(score - exact[other]!)).toBeLessThanOrEqual(0.5001 * step),
        );
    }
  });

  it('fills in the defaults of a weighting', () => {
    expect(parseParameters('item-knn', {})).toEqual({
      weighting: 'bm25',
      k1: 1.2,
      b: 0.5,
      entriesPerRow: 200,
      storage: 'int8',
    });
    expect(parseParameters('item-knn', { weighting: 'turbo-cf', power: 1 })).toMatchObject({
      degreeExponent: 0.6,
      power: 1,
    });
  });

  it.each([
    [{ weighting: 'jaccard' }, 'weighting'],
    [{ shrinkage: 1 }, 'shrinkage'],
    [{ weighting: 'bm25', power: 1 }, 'power'],
    [{ weighting: 'bm25', b: 1.1 }, 'b'],
    [{ weighting: 'cosine', shrinkage: -1 }, 'shrinkage'],
    [{ weighting: 'turbo-cf', power: 0 }, 'power'],
    [{ weighting: 'turbo-cf', degreeExponent: Number.NaN }, 'degreeExponent'],
    [{ entriesPerRow: 0 }, 'entriesPerRow'],
  ])('refuses %j by name', (given, name) => {
    expect(() => parseParameters('item-knn', given)).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ pointer: `#/parameters/${name}` })] }),
    );
  });
});

/** More items than one task of a compute thread takes. */
function wide(): CsrMatrix {
  const cells = Array.from(
    { length: 2_000 },
    (_, e) => [e % 200, (e * 7 + Math.floor(e / 200)) % 400] as const,
  );
  return CsrMatrix.fromCoo({
    numRows: 200,
    numCols: 400,
    rows: cells.map(([row]) => row),
    cols: cells.map(([, col]) => col),
  });
}
