import { modelRegistry, parseParameters } from './model-registry.js';
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
