import fc from 'fast-check';
import { eigs, multiply, transpose as transposed } from 'mathjs';
import { ComputeThreads, CsrMatrix } from '#sparse';
import { STORAGE_TYPES } from '../artifact/row-storage.js';
import { parseParameters } from '../model-registry.js';
import type { CheckpointStore } from '../recommender.js';
import { describeRecommender } from '../testing/recommender-conformance.js';
import { StoppingStore } from '../testing/stopping-store.js';
import { historyOf, twoTastes, userItemMatrices } from '../testing/toy-datasets.js';
import { distinctNodes, drawNodes, epochBatches } from './batches.js';
import { lightgcl } from './lightgcl.model.js';
import { pace, type LightgclParameters } from './lightgcl.params.js';
import { normalize, trainingGraph } from './training-graph.js';

const RUNS = { numRuns: 60, seed: 11 };

const parametersWith = (changes: Partial<LightgclParameters>): LightgclParameters =>
  lightgcl.parameters.parse({
    factors: 5,
    epochs: 2,
    batchSize: 16,
    patience: 0,
    storage: 'f32',
    ...changes,
  });

for (const storage of STORAGE_TYPES)
  describeRecommender(lightgcl, parametersWith({ storage, learningRate: 0.02 }), {
    isPersonal: true,
    explains: true,
    embeds: false,
    lends: true,
    ranksAllAtOnce: false,
    ndcg: 0.37,
  });

const fitWith = async (changes: Partial<LightgclParameters>, checkpoint?: CheckpointStore) => {
  const context = { seed: 3, ...(checkpoint && { checkpoint }) };
  return (await lightgcl.fit(twoTastes(), parametersWith(changes), context)).recommender.encode();
};

describe('lightgcl', () => {
  it('learns whom an item is for, with and without the contrast', async () => {
    for (const contrastWeight of [0, 0.02]) {
      const changes = { contrastWeight, epochs: 5, learningRate: 0.02, factors: 8 };
      const { recommender } = await lightgcl.fit(twoTastes(), parametersWith(changes), { seed: 1 });
      for (const user of [0, 1, 2, 3]) {
        const [best] = recommender.recommend(twoTastes().row(user), 1).indices;
        expect(best! % 2).toBe(user % 2);
        expect(recommender.similarItems(user, 1).indices[0]! % 2).toBe(user % 2);
      }
    }
  });

  it.each([
    [10, 1],
    [10, 5],
    [10, 8],
    [10, 12],
    [10, 15],
    [0, 3],
  ])('with patience %i goes on after stop %i as if it had never stopped', async (patience, stopAfter) => {
    const changes = { epochs: 10, patience };
    const store = new StoppingStore(stopAfter);
    await expect(fitWith(changes, store)).rejects.toThrow('stopped');
    expect(await fitWith(changes, store)).toEqual(await fitWith(changes));
  });

  it('starts anew when a checkpoint is damaged or of another fit', async () => {
    const store = new StoppingStore(2);
    await expect(fitWith({ epochs: 10, patience: 10 }, store)).rejects.toThrow('stopped');
    expect(await fitWith({ epochs: 4 }, store)).toEqual(await fitWith({ epochs: 4 }));
    store.saved = new Uint8Array(7);
    expect(await fitWith({ epochs: 4 }, store)).toEqual(await fitWith({ epochs: 4 }));
  });

  it('is the same with any number of threads, exact and sampled', async () => {
    for (const contrast of ['exact', 'sampled'] as const) {
      const parameters = parametersWith({ contrast, contrastSamples: 7 });
      const fits = [1, 3].map(async (threads) => {
        const compute = new ComputeThreads({ threads });
        try {
          const { recommender } = await lightgcl.fit(twoTastes(), parameters, { seed: 1, compute });
          return recommender.encode();
        } finally {
          compute.close();
        }
      });
      const [one, three] = await Promise.all(fits);
      expect(three).toEqual(one);
    }
  });

  it('answers the exact loss when everything is sampled', async () => {
    const exact = await fitWith({ contrast: 'exact' });
    expect(await fitWith({ contrast: 'sampled', contrastSamples: 40 })).toEqual(exact);
  });

  it('serves one user, one item, users without items and users who are all alike', async () => {
    const matrix = (numRows: number, numCols: number, pairs: [number, number][]) =>
      CsrMatrix.fromCoo({
        numRows,
        numCols,
        rows: pairs.map(([user]) => user),
        cols: pairs.map(([, item]) => item),
      });
    const cases = [
      matrix(1, 1, [[0, 0]]),
      matrix(1, 3, [[0, 1]]),
      matrix(3, 1, [[2, 0]]),
      matrix(3, 4, []),
      matrix(
        3,
        2,
        [0, 1, 2].flatMap((user) => [[user, 0] as [number, number], [user, 1]]),
      ),
    ];
    for (const x of cases) {
      const parameters = parametersWith({ patience: 1, epochs: 6 });
      const { recommender } = await lightgcl.fit(x, parameters, { seed: 1 });
      expect(recommender.scoreUser(historyOf(0)).every(Number.isFinite)).toBe(true);
      expect(recommender.recommend(historyOf(), 9).indices).toHaveLength(x.numCols);
    }
  });

  it('reports each epoch with its loss, which falls', async () => {
    const losses: number[] = [];
    const validations: number[] = [];
    const parameters = parametersWith({ epochs: 20, patience: 20, learningRate: 0.02 });
    await lightgcl.fit(twoTastes(), parameters, {
      seed: 1,
      onEpoch: ({ phase, loss, validation }) => {
        if (phase === 'choosing') losses.push(loss);
        if (validation !== undefined) validations.push(validation);
      },
    });
    expect(losses).toHaveLength(20);
    expect(losses[19]).toBeLessThan(losses[0]!);
    expect(validations).toHaveLength(4);
  });

  it('derives batches and the size of their steps from the data unless both are given', () => {
    const paceOf = (nnz: number, given: Partial<LightgclParameters> = {}) => {
      const { batchSize, learningRate } = pace(lightgcl.parameters.parse(given), nnz);
      return [batchSize, learningRate];
    };
    expect(paceOf(0)).toEqual([256, 0.000625]);
    expect(paceOf(24 * 1_024)).toEqual([1_024, 0.00125]);
    expect(paceOf(24 * 4_096 - 1)).toEqual([4_096, 0.0025]);
    expect(paceOf(10 ** 9)).toEqual([16_384, 0.005]);
    expect(paceOf(0, { batchSize: 65_536 })).toEqual([65_536, 0.01]);
    expect(paceOf(10 ** 9, { learningRate: 0.3 })).toEqual([16_384, 0.3]);
    expect(paceOf(10 ** 9, { batchSize: 9, learningRate: 1 })).toEqual([9, 1]);
  });

  it('trains the same with what it derives as with the same given', async () => {
    const parameters = lightgcl.parameters.parse({ factors: 5, epochs: 7, patience: 5 });
    const { batchSize, learningRate } = pace(parameters, twoTastes().nnz);
    const given = lightgcl.parameters.parse({ ...parameters, batchSize, learningRate });
    const [derived, explicit] = [parameters, given].map((p) => lightgcl.fit(twoTastes(), p, { seed: 1 }));
    expect((await derived!).recommender.encode()).toEqual((await explicit!).recommender.encode());
  });

  it.each(['factors', 'layers', 'epochs', 'learningRate', 'batchSize', 'svdRank', 'contrastSamples'])(
    'refuses %s below its range',
    (name) => {
      const detail = expect.objectContaining({ pointer: `#/parameters/${name}` }) as unknown;
      expect(() => parseParameters('lightgcl', { [name]: 0 })).toThrow(
        expect.objectContaining({ code: 'validation-failed', errors: [detail] }),
      );
    },
  );
});

it('draws each interaction once an epoch, with an item that its user has not', () => {
  fc.assert(
    fc.property(userItemMatrices, fc.integer({ min: 1, max: 9 }), fc.nat(5), (x, batchSize, epoch) => {
      const seen: string[] = [];
      for (const { triples } of epochBatches(x, { seed: 1, epoch, batchSize }))
        for (let at = 0; at < triples.length; at += 3) {
          const [user, positive, negative] = triples.subarray(at, at + 3);
          const { indices } = x.row(user!);
          expect(indices).toContain(positive! - x.numRows);
          expect(indices).not.toContain(negative! - x.numRows);
          expect(negative! - x.numRows).toBeLessThan(x.numCols);
          seen.push(`${user} ${positive}`);
        }
      const learnable = Array.from({ length: x.numRows }, (_, user) => x.row(user).indices.length);
      const expected = learnable.filter((degree) => degree < x.numCols).reduce((a, b) => a + b, 0);
      expect(new Set(seen).size).toBe(expected);
      expect(seen).toHaveLength(expected);
    }),
    RUNS,
  );
});

it('weighs distinct nodes by their share, and draws distinct ones', () => {
  const { nodes, weights } = distinctNodes(Uint32Array.of(0, 5, 6, 0, 6, 7), [1, 2], 2);
  expect([...nodes]).toEqual([5, 6, 7]);
  expect([...weights]).toEqual([0.5, 1, 0.5]);
  let state = 0;
  const random = () => (state = (state + 0.37) % 1);
  for (const count of [1, 4, 6]) {
    const drawn = drawNodes(3, 9, count, random);
    expect(new Set(drawn).size).toBe(count);
    expect(drawn.every((node) => node >= 3 && node < 9)).toBe(true);
  }
});

it('gives the second view the singular values and vectors that mathjs finds', async () => {
  const compute = new ComputeThreads({ threads: 1 });
  await fc.assert(
    fc.asyncProperty(userItemMatrices, fc.integer({ min: 1, max: 6 }), async (x, svdRank) => {
      const { values, vectors } = await trainingGraph(compute, x, parametersWith({ svdRank }), 5);
      const dense = denseOf(normalize(x));
      const { values: squares } = eigs(multiply(transposed(dense), dense));
      const expected = (squares as number[]).map((value) => Math.sqrt(Math.max(0, value))).reverse();
      const wanted = expected.slice(0, Math.min(svdRank, x.numRows, x.numCols));
      wanted.forEach((value, q) => expect(Math.abs(value - (values[q] ?? 0))).toBeLessThan(2e-3));
      const rank = values.length;
      const vector = (node: number, q: number) => vectors[node * rank + q]!;
      values.forEach((value, q) =>
        dense.forEach((entries, row) => {
          const image = entries.reduce((sum, entry, c) => sum + entry * vector(x.numRows + c, q), 0);
          expect(Math.abs(image - value * vector(row, q))).toBeLessThan(1e-5);
        }),
      );
    }),
    RUNS,
  );
});

function denseOf(matrix: CsrMatrix): number[][] {
  return Array.from({ length: matrix.numRows }, (_, row) => {
    const entries = new Array<number>(matrix.numCols).fill(0);
    const { indices, values } = matrix.row(row);
    indices.forEach((column, e) => (entries[column] = values[e]!));
    return entries;
  });
}
