import { metricLines } from './figures.js';

const metric = { mean: 0.25, ci95: [0.2, 0.3] as const };

describe('lines of metrics', () => {
  it('are aligned, with two spaces after the longest name of a model and of a metric', () => {
    const lines = metricLines([
      ['a-model-of-many-letters', { 'recall@10000': metric, 'ndcg@20': metric }],
      ['popularity', { 'recall@10000': metric }],
    ]);
    expect(lines.split('\n')).toEqual([
      'a-model-of-many-letters  recall@10000  0.2500  [0.2000, 0.3000]',
      'a-model-of-many-letters  ndcg@20       0.2500  [0.2000, 0.3000]',
      'popularity               recall@10000  0.2500  [0.2000, 0.3000]',
      '',
    ]);
  });
});
