import type { ComparedKind } from '@app/domain';
import { modelRegistry, parseParameters } from './model-registry.js';
import { twoTastes } from './testing/toy-datasets.js';
import { train, type TrainingInput } from './training.js';

describe('train', () => {
  const input = (changes: Partial<TrainingInput> = {}): TrainingInput => {
    const { numRows: numUsers, numCols: numItems, indptr, indices, values } = twoTastes();
    const itemKeys = Int32Array.from({ length: numItems }, (_, key) => key);
    const parameters = parseParameters('ease', { regularization: 2 });
    const matrix = { numUsers, numItems, indptr, indices, values, itemKeys };
    return { ...matrix, kind: 'ease', parameters, seed: 1, threads: 1, ...changes };
  };

  it('compares no kinds unless it is asked to', async () => {
    const stages = new Set<string>();
    const result = await train(input(), (stage) => stages.add(stage));
    expect(result).not.toHaveProperty('leaderboard');
    expect(Object.keys(result.timingsMs)).toEqual(['fitting', 'evaluating', 'refitting']);
    expect([...stages]).toEqual(['fitting', 'evaluating', 'refitting']);
  });

  it('compares all kinds on the split on which it measures, beside its own', async () => {
    const shares: number[] = [];
    const { leaderboard, metrics, baseline } = await train(
      input({ leaderboardLimit: {} }),
      (stage, share) => {
        if (stage === 'comparing') shares.push(share);
      },
    );
    const rows = leaderboard as ComparedKind[];
    expect(rows.map(({ model }) => model)).toEqual([...modelRegistry.keys()]);
    const rowOf = (name: string) => rows.find(({ model }) => model === name)!;
    expect(rowOf('ease')).toMatchObject({ metrics, parameters: { regularization: 2 } });
    expect(rowOf('popularity').metrics).toEqual(baseline);
    for (const row of rows) {
      expect(row.tailRecall).toHaveLength(10);
      for (const [name, { mean, ci95 }] of Object.entries(row.differenceToRun)) {
        expect(mean).toBeCloseTo(row.metrics[name]!.mean - metrics[name]!.mean, 12);
        expect(ci95[0]).toBeLessThanOrEqual(mean);
      }
    }
    expect(rowOf('popularity').differenceToRun['ndcg@20']!.ci95[1]).toBeLessThan(0);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });

  it('makes the same model, whether it compares or not', async () => {
    const [alone, beside] = [await train(input()), await train(input({ leaderboardLimit: {} }))];
    expect(beside.artifact).toEqual(alone.artifact);
    expect(beside.metrics).toEqual(alone.metrics);
  });

  it('leaves out the kinds that cost too much, but never its own', async () => {
    const { leaderboard } = await train(input({ leaderboardLimit: { flops: 1 } }));
    const reasons = new Map(leaderboard!.map((row) => [row.model, 'leftOut' in row ? row.leftOut : null]));
    expect(reasons.get('ease')).toBeNull();
    expect(reasons.get('popularity')).toBeNull();
    expect(reasons.get('item-knn')).toMatch(/FLOPs, and may take 1\.0e\+0$/);
  });
});
