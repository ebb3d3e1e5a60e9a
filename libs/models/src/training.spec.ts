import type { ComparedKind } from '#domain';
import { CsrMatrix } from '#sparse';
import { limitTestUsers } from './dataset/split.js';
import { modelRegistry, parseParameters } from './model-registry.js';
import { StoppingStore } from './testing/stopping-store.js';
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
    const result = await train(input(), { onProgress: (stage) => stages.add(stage) });
    expect(result).not.toHaveProperty('leaderboard');
    expect(Object.keys(result.timingsMs)).toEqual(['fitting', 'evaluating', 'refitting']);
    expect([...stages]).toEqual(['fitting', 'evaluating', 'refitting']);
  });

  it('compares all kinds on the split on which it measures, beside its own', async () => {
    const shares: number[] = [];
    const { leaderboard, metrics, baseline, breadth } = await train(input({ leaderboardLimit: {} }), {
      onProgress: (stage, share) => {
        if (stage === 'comparing') shares.push(share);
      },
    });
    const rows = leaderboard as ComparedKind[];
    expect(rows.map(({ model }) => model)).toEqual([...modelRegistry.keys()]);
    const rowOf = (name: string) => rows.find(({ model }) => model === name)!;
    expect(rowOf('ease')).toMatchObject({ metrics, parameters: { regularization: 2 } });
    expect(rowOf('popularity').metrics).toEqual(baseline);
    expect(breadth?.model.k).toBe(20);
    for (const [name, figures] of [
      ['ease', breadth!.model],
      ['popularity', breadth!.popularity],
    ] as const) {
      const { k: _k, exposure, ...others } = figures;
      expect(rowOf(name)).toMatchObject(others);
      expect(exposure.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    }
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

  it('measures 20,000 users at most, by the seed, and says how many', async () => {
    const numRows = 20_500;
    const rows = Array.from({ length: numRows }, (_, row) => row);
    const all = CsrMatrix.fromCoo({ numRows, numCols: 2, rows, cols: rows.map((row) => row % 2) });
    const limited = (seed: number) => limitTestUsers({ train: all, test: all }, seed);
    const { train: whole, test } = limited(1);
    expect([whole, test.nnz, test.numRows]).toEqual([all, 20_000, numRows]);
    expect(limited(1)).toEqual({ train: all, test });
    expect(limited(2).test.indptr).not.toEqual(test.indptr);
    expect((await train(input())).measuredUsers).toBe(input().numUsers);
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

  describe('with a checkpoint', () => {
    const lightgcl = (changes: Partial<TrainingInput> = {}) => {
      const parameters = parseParameters('lightgcl', { factors: 4, epochs: 4, patience: 4, batchSize: 64 });
      return input({ kind: 'lightgcl', parameters, ...changes });
    };

    it.each([1, 4, 6, 9, 10, 13])('goes on after save %i and makes the same model', async (stopAfter) => {
      const store = new StoppingStore(stopAfter);
      await expect(train(lightgcl(), { checkpoint: store })).rejects.toThrow('stopped');
      const epochs: string[] = [];
      const resumed = await train(lightgcl(), {
        checkpoint: store,
        onEpoch: ({ phase, epoch }) => epochs.push(`${phase} ${epoch}`),
      });
      const whole = await train(lightgcl());
      expect(resumed.artifact).toEqual(whole.artifact);
      expect(resumed.metrics).toEqual(whole.metrics);
      expect(resumed.baseline).toEqual(whole.baseline);
      expect(resumed.breadth).toEqual(whole.breadth);
      expect(store.saves).toBe(await savesOf(lightgcl()));
    });

    it('measures no second time what was measured, whatever the kind', async () => {
      const store = new StoppingStore(1);
      await expect(train(input(), { checkpoint: store })).rejects.toThrow('stopped');
      const stages = new Set<string>();
      const resumed = await train(input(), { checkpoint: store, onProgress: (stage) => stages.add(stage) });
      expect([...stages]).toEqual(['refitting']);
      expect(resumed.artifact).toEqual((await train(input())).artifact);
      expect(Object.keys(resumed.timingsMs)).toEqual(['fitting', 'evaluating', 'refitting']);
    });

    it('starts anew when the data, the parameters or the seed are others', async () => {
      const store = new StoppingStore(9);
      await expect(train(lightgcl(), { checkpoint: store })).rejects.toThrow('stopped');
      const { saved } = store;
      const { values } = input();
      for (const changes of [
        { seed: 2 },
        { values: values.map((value) => 2 * value) },
        { leaderboardLimit: { flops: 1 } },
      ]) {
        const other = new StoppingStore(Infinity, saved);
        const { artifact, metrics } = await train(lightgcl(changes), { checkpoint: other });
        const expected = await train(lightgcl(changes));
        expect({ artifact, metrics }).toEqual({ artifact: expected.artifact, metrics: expected.metrics });
        expect(other.saves).toBe(await savesOf(lightgcl(changes)));
      }
    });

    it('starts anew from damaged bytes', async () => {
      const store = new StoppingStore(Infinity, new Uint8Array(40).fill(7));
      const { artifact } = await train(lightgcl(), { checkpoint: store });
      expect(artifact).toEqual((await train(lightgcl())).artifact);
    });
  });
});

async function savesOf(input: TrainingInput): Promise<number> {
  const store = new StoppingStore(Infinity);
  await train(input, { checkpoint: store });
  return store.saves;
}
