import { CsrMatrix } from '#sparse';
import { holdOut } from '../dataset/split.js';
import { popularity } from '../popularity/popularity.model.js';
import { twoTastes } from '../testing/toy-datasets.js';
import { breadthOf, evaluate } from './evaluate.js';

describe('evaluate', () => {
  const TRAIN = { numRows: 3, numCols: 4, rows: [0, 1, 1, 2], cols: [0, 0, 1, 3] };
  const TEST = { numRows: 3, numCols: 4, rows: [0, 1], cols: [1, 3] };
  const [train, test] = [CsrMatrix.fromCoo(TRAIN), CsrMatrix.fromCoo(TEST)];

  it('ranks everything outside of the history, over users with a test item', async () => {
    // Counts 2, 1, 0, 1: user 0 is answered 1, 3, 2; user 1 is answered 3, 2; user 2 has no test item.
    const { recommender } = await popularity.fit(train, {}, { seed: 1 });
    const { users, metrics } = evaluate(recommender, { train, test }, { ks: [1], seed: 1 });
    expect(users).toBe(2);
    expect(metrics).toEqual({ 'recall@1': { mean: 1, ci95: [1, 1] }, 'ndcg@1': { mean: 1, ci95: [1, 1] } });
  });

  it('keeps the value of every user, and counts what was shown at each K', async () => {
    // Lists of two: user 0 gets 1, 3 and wants 1; user 1 gets 3, 2 and wants 3. Items by count: 0, 1, 3, 2.
    const { recommender } = await popularity.fit(train, {}, { seed: 1 });
    const evaluation = evaluate(recommender, { train, test }, { ks: [1, 2], seed: 1 });
    expect(evaluation.perUser['recall@2']).toEqual(Float64Array.of(1, 1));
    expect(evaluation.perUser['ndcg@1']).toEqual(Float64Array.of(1, 1));
    const tailRecall = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0];
    const atTwo = { k: 2, coverage: 3 / 4, gini: 3 / 8, tailRecall };
    expect(evaluation.catalogue).toEqual([
      { k: 1, coverage: 2 / 4, gini: 1 / 2, tailRecall, exposure: [0, 0, 1 / 2, 0, 0, 1 / 2, 0, 0, 0, 0] },
      { ...atTwo, exposure: [0, 0, 1 / 4, 0, 0, 1 / 2, 0, 1 / 4, 0, 0] },
    ]);
    expect(breadthOf(evaluation)).toBe(evaluation.catalogue[1]);
  });

  it('has the means of the values of the users', async () => {
    const split = holdOut(twoTastes(), { fraction: 0.3, seed: 9 });
    const { recommender } = await popularity.fit(split.train, {}, { seed: 1 });
    const { users, metrics, perUser } = evaluate(recommender, split, { ks: [3, 9], seed: 3 });
    expect(Object.keys(perUser)).toEqual(Object.keys(metrics));
    for (const [name, values] of Object.entries(perUser)) {
      expect(values).toHaveLength(users);
      const mean = values.reduce((sum, value) => sum + value, 0) / users;
      expect(metrics[name]!.mean).toBeCloseTo(mean, 12);
    }
  });

  it('takes test items of value 0 for none, and counts them as no users of an item', async () => {
    const zerosIn = ({ numRows, numCols, rows, cols }: typeof TRAIN, ...zeros: [number, number][]) =>
      CsrMatrix.fromCoo({
        numRows,
        numCols,
        rows: [...rows, ...zeros.map(([row]) => row)],
        cols: [...cols, ...zeros.map(([, col]) => col)],
        values: [...rows.map(() => 1), ...zeros.map(() => 0)],
      });
    const { recommender } = await popularity.fit(train, {}, { seed: 1 });
    // Item 2 would be the most popular, and user 2 would have a test item.
    const split = { train: zerosIn(TRAIN, [1, 2], [2, 2]), test: zerosIn(TEST, [0, 2], [2, 0]) };
    const evaluation = evaluate(recommender, split, { ks: [1], seed: 1 });
    expect(evaluation).toEqual(evaluate(recommender, { train, test }, { ks: [1], seed: 1 }));
  });

  it('repeats with a seed', async () => {
    const split = holdOut(twoTastes(), { fraction: 0.3, seed: 9 });
    const { recommender } = await popularity.fit(split.train, {}, { seed: 1 });
    const once = evaluate(recommender, split, { ks: [5], seed: 3 });
    expect(evaluate(recommender, split, { ks: [5], seed: 3 })).toEqual(once);
    const { mean, ci95 } = once.metrics['recall@5']!;
    expect(ci95[0]).toBeLessThanOrEqual(mean);
    expect(ci95[1]).toBeGreaterThanOrEqual(mean);
  });
});

describe('holdOut', () => {
  it('parts every user into training and test items without loss', () => {
    const matrix = twoTastes();
    const { train: kept, test: held } = holdOut(matrix, { fraction: 0.2, seed: 1 });
    expect(kept.nnz + held.nnz).toBe(matrix.nnz);
    for (let user = 0; user < matrix.numRows; user++) {
      const both = [...kept.row(user).indices, ...held.row(user).indices].sort((a, b) => a - b);
      expect(both).toEqual([...matrix.row(user).indices]);
      expect(held.row(user).indices).toHaveLength(2);
    }
  });

  it('holds out the same likes, however many items of value 0 are beside them', () => {
    // Even users like even items; give each of them the odd items as seen.
    const likes = twoTastes();
    const cells = Array.from({ length: likes.numRows * likes.numCols }, (_, cell) => cell);
    const [rows, cols] = [cells.map((cell) => Math.floor(cell / 20)), cells.map((cell) => cell % 20)];
    const values = cells.map((_, cell) => Number(likes.row(rows[cell]!).indices.includes(cols[cell]!)));
    const all = CsrMatrix.fromCoo({ numRows: likes.numRows, numCols: likes.numCols, rows, cols, values });
    const [withSeen, alone] = [all, likes].map((matrix) => holdOut(matrix, { fraction: 0.2, seed: 1 }));
    expect(withSeen!.test).toEqual(alone!.test);
    expect(withSeen!.train.withoutZeros()).toEqual(alone!.train);
    expect(withSeen!.train.nnz).toBe(cells.length - alone!.test.nnz);
  });
});
