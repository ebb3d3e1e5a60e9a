import { decodeFrame } from './artifact/frame.js';
import { holdOut } from './dataset/split.js';
import { modelRegistry, parseParameters } from './model-registry.js';
import { decodeNamedModel, encodeNamedModel } from './named-model.js';
import { decodeServedModel } from './served-model.js';
import { twoTastes } from './testing/toy-datasets.js';
import { train } from './training.js';

describe('train', () => {
  const matrix = twoTastes();
  const { numRows: numUsers, numCols: numItems, indptr, indices, values } = matrix;
  const itemKeys = Int32Array.from({ length: numItems }, (_, item) => item * 3);

  it.each([...modelRegistry.keys()])(
    'makes a served %s model with figures beside popularity',
    async (kind) => {
      const stages: string[] = [];
      const input = {
        numUsers,
        numItems,
        indptr,
        indices,
        values,
        itemKeys,
        kind,
        parameters: parseParameters(kind, {}),
        seed: 1,
        threads: 1,
      };
      const { artifact, metrics, baseline } = await train(input, {
        onProgress: (stage) => stages.push(stage),
      });
      const served = decodeServedModel(artifact);
      expect(served.kind).toBe(kind);
      expect([...served.itemKeys]).toEqual([...itemKeys]);
      expect(served.popularity.scoreUser(matrix.row(0))).toEqual(Float32Array.from(matrix.columnCounts()));
      expect(Object.keys(metrics)).toEqual(Object.keys(baseline));
      expect(new Set(stages)).toContain('evaluating');
      expect((await train(input)).artifact).toEqual(artifact);
    },
  );
});

describe('an artifact', () => {
  const { numRows: numUsers, numCols: numItems, indptr, indices, values } = twoTastes();
  const artifactOf = async (itemKeys: Int32Array) => {
    const matrix = { numUsers, numItems, indptr, indices, values, itemKeys };
    const settings = { kind: 'popularity', parameters: {}, seed: 1, threads: 1 };
    return (await train({ ...matrix, ...settings })).artifact;
  };

  it('has its items in any order of their keys, and says so to releases that read only ascending ones', async () => {
    const ascending = Int32Array.from({ length: numItems }, (_, item) => item * 3);
    for (const [itemKeys, version] of [
      [ascending, 1],
      [ascending.slice().reverse(), 2],
    ] as const) {
      const artifact = await artifactOf(itemKeys);
      expect(decodeServedModel(artifact).itemKeys).toEqual(itemKeys);
      expect(decodeFrame(artifact, 'served-model', version).version).toBe(version);
    }
  });
});

describe('a model in a file', () => {
  it('knows its items by their ids', async () => {
    const { numRows: numUsers, numCols: numItems, indptr, indices, values } = twoTastes();
    const itemKeys = Int32Array.from({ length: numItems }, (_, item) => item);
    const parameters = parseParameters('ease', {});
    const common = { numUsers, numItems, indptr, indices, values, itemKeys, kind: 'ease', parameters };
    const { artifact } = await train({ ...common, seed: 1, threads: 1 });
    const itemIds = Array.from(itemKeys, (item) => `"film ${item}", Größe`);
    const model = decodeNamedModel(encodeNamedModel(artifact, itemIds));
    expect(model.itemIds).toEqual(itemIds);
    expect(model.recommender.encode()).toEqual(decodeServedModel(artifact).recommender.encode());
    expect(() => decodeNamedModel(artifact)).toThrow('it holds served-model 1, not named-model 1');
  });

  it('is measured on the split that is given', async () => {
    const matrix = twoTastes();
    const { numRows: numUsers, numCols: numItems, indptr, indices, values } = matrix;
    const itemKeys = Int32Array.from({ length: numItems }, (_, item) => item);
    const parameters = parseParameters('item-knn', {});
    const common = { numUsers, numItems, indptr, indices, values, itemKeys, kind: 'item-knn', parameters };
    const split = holdOut(matrix, { fraction: 0.1, seed: 7 });
    const [own, given] = await Promise.all([
      train({ ...common, seed: 7, threads: 1 }),
      train({ ...common, seed: 7, threads: 1, split }),
    ]);
    expect(given.metrics).toEqual(own.metrics);
    const none = matrix.filter(() => false);
    const empty = await train({ ...common, seed: 7, threads: 1, split: { train: matrix, test: none } });
    expect(empty.artifact).toEqual(own.artifact);
    expect(empty.metrics).not.toEqual(own.metrics);
  });
});

describe('parseParameters', () => {
  it('fills in defaults', () => {
    expect(parseParameters('ease', { regularization: 5 })).toMatchObject({
      regularization: 5,
      entriesPerRow: 'auto',
    });
  });

  it('names what is wrong', () => {
    const refused = (kind: string, parameters: unknown) => {
      try {
        parseParameters(kind, parameters);
      } catch (error) {
        return (error as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer);
      }
      return [];
    };
    expect(refused('nope', {})).toEqual(['#/model']);
    expect(refused('ease', { regularization: -1, lambda: 2 })).toEqual([
      '#/parameters/regularization',
      '#/parameters/lambda',
    ]);
  });
});
