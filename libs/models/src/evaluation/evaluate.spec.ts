import { CsrMatrix } from '@app/sparse';
import { holdOut } from '../dataset/split.js';
import { ndcgAt } from '../metrics/ndcg.js';
import { recallAt } from '../metrics/recall.js';
import { popularity } from '../popularity/popularity.model.js';
import { twoTastes } from '../testing/toy-datasets.js';
import { evaluate } from './evaluate.js';

describe('metrics', () => {
  it('divide recall by the test items, even when there are more than K', () => {
    expect(recallAt(2, [7, 8, 9], new Set([7, 9, 1, 2]))).toBe(1 / 4);
  });

  it('discount gains by rank against an ideal list of the smaller of K and the test items', () => {
    const ideal = 1 / Math.log2(2) + 1 / Math.log2(3);
    expect(ndcgAt(2, [5, 7], new Set([7, 9, 1]))).toBeCloseTo(1 / Math.log2(3) / ideal, 12);
    expect(ndcgAt(20, [7], new Set([7]))).toBe(1);
  });
});

describe('evaluate', () => {
  const train = CsrMatrix.fromCoo({ numRows: 3, numCols: 4, rows: [0, 1, 1, 2], cols: [0, 0, 1, 3] });
  const test = CsrMatrix.fromCoo({ numRows: 3, numCols: 4, rows: [0, 1], cols: [1, 3] });

  it('ranks everything outside of the history, over users with a test item', async () => {
    // Counts 2, 1, 0, 1: user 0 is answered 1, 3, 2; user 1 is answered 3, 2; user 2 has no test item.
    const { recommender } = await popularity.fit(train, {}, { seed: 1 });
    const { users, metrics } = evaluate(recommender, { train, test }, { ks: [1], seed: 1 });
    expect(users).toBe(2);
    expect(metrics).toEqual({ 'recall@1': { mean: 1, ci95: [1, 1] }, 'ndcg@1': { mean: 1, ci95: [1, 1] } });
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
});
