import type { ModelParameters } from '#domain';
import { ComputeThreads } from '#sparse';
import { holdOut, sampleRows } from '../dataset/split.js';
import { modelKind } from '../model-registry.js';
import type { SearchSpace } from '../recommender.js';
import { twoTastes } from '../testing/toy-datasets.js';
import { tune } from './tune.js';

/** Of the training data, where no part is given. */
const VALIDATION_SHARE = 0.1;

describe('tune', () => {
  const compute = new ComputeThreads({ threads: 1 });

  it('ends where no single step along one parameter is better, and fits no point twice', async () => {
    const kind = modelKind('ease');
    const { best, candidates } = await tune(kind, twoTastes(), {}, { seed: 1, compute });
    const score = (parameters: object) =>
      candidates.find((candidate) => JSON.stringify(candidate.parameters) === JSON.stringify(parameters))
        ?.metrics['ndcg@20']?.mean;
    const names = new Set(candidates.map(({ parameters }) => JSON.stringify(parameters)));
    expect(names.size).toBe(candidates.length);
    for (const [name, { values, onlyWith }] of Object.entries(kind.searchSpace as SearchSpace)) {
      if (onlyWith) continue;
      const at = values.indexOf(best.parameters[name] as number);
      for (const neighbour of [values[at - 1], values[at + 1]].filter((value) => value !== undefined)) {
        const reached = score({ ...best.parameters, [name]: neighbour });
        expect(reached).toBeLessThanOrEqual(score(best.parameters)!);
      }
    }
  });

  it('leaves given parameters alone and reports every candidate', async () => {
    const seen: unknown[] = [];
    const given = { regularization: 7, dropout: 0.2 };
    const { best, candidates } = await tune(modelKind('ease'), twoTastes(), given, {
      seed: 1,
      compute,
      onCandidate: ({ parameters }) => seen.push(parameters),
    });
    expect(best.parameters).toMatchObject(given);
    expect(seen).toEqual(candidates.map(({ parameters }) => parameters));
    for (const parameters of seen) expect(parameters).toMatchObject(given);
  });

  it('tries a parameter that needs another one only where that is given', async () => {
    const readouts = async (fixed: ModelParameters) => {
      const given = { dropout: 0, userWeightExponent: 0, ...fixed };
      const { candidates } = await tune(modelKind('ease'), twoTastes(), given, { seed: 1, compute });
      return new Set(candidates.map(({ parameters }) => parameters['readout']));
    };
    expect(await readouts({})).toEqual(new Set(['mean']));
    const sizes = { form: 'blocks', blockSize: 8, coreSize: 4 };
    expect(await readouts(sizes)).toEqual(new Set(['mean', 'column', 'row']));
    expect(await readouts({ ...sizes, readout: 'row' })).toEqual(new Set(['row']));
  });

  it('searches one space after the other, and only those that the given parameters allow', async () => {
    const weightings = async (fixed: ModelParameters) => {
      const { best, candidates } = await tune(modelKind('item-knn'), twoTastes(), fixed, {
        seed: 1,
        compute,
      });
      expect(candidates).toContain(best);
      return [...new Set(candidates.map(({ parameters }) => parameters['weighting']))];
    };
    expect(await weightings({ entriesPerRow: 5 })).toEqual(['bm25', 'turbo-cf', 'cosine']);
    expect(await weightings({ weighting: 'cosine', entriesPerRow: 5 })).toEqual(['cosine']);
    expect(await weightings({ weighting: 'bm25', k1: 3.3, entriesPerRow: 5 })).toEqual(['bm25']);
  });

  it('compares candidates on a sample of users, drawn by the seed', async () => {
    const options = { seed: 4, compute };
    const onSample = await tune(modelKind('ease'), twoTastes(), {}, { ...options, sampleUsers: 12 });
    const alone = await tune(modelKind('ease'), sampleRows(twoTastes(), 12, 4), {}, options);
    expect(onSample).toEqual(alone);
    const whole = await tune(modelKind('ease'), twoTastes(), {}, { ...options, sampleUsers: 1e6 });
    expect(whole).toEqual(await tune(modelKind('ease'), twoTastes(), {}, options));
  });

  it('compares candidates on a validation part that is given, or on a sample of its users', async () => {
    const validation = holdOut(twoTastes(), { fraction: VALIDATION_SHARE, seed: 4 });
    const options = { seed: 4, compute };
    const drawn = await tune(modelKind('ease'), twoTastes(), {}, options);
    const none = twoTastes().filter(() => false);
    expect(await tune(modelKind('ease'), none, {}, { ...options, validation })).toEqual(drawn);
    const parts = { train: sampleRows(validation.train, 12, 4), test: sampleRows(validation.test, 12, 4) };
    const sampled = await tune(modelKind('ease'), none, {}, { ...options, validation, sampleUsers: 12 });
    expect(sampled).toEqual(await tune(modelKind('ease'), none, {}, { ...options, validation: parts }));
  });

  it('counts a candidate that float32 cannot solve as the worst, and fails only when all are', async () => {
    const large = twoTastes().scale({ columns: new Float32Array(twoTastes().numCols).fill(1e4) });
    const singular: ModelParameters[] = [];
    const onSingular = (parameters: ModelParameters) => singular.push(parameters);
    const options = { seed: 1, compute, onSingular, sampleUsers: 6 };
    const { best } = await tune(modelKind('ease'), large, { form: 'primal', userWeightExponent: 0 }, options);
    expect(singular.length).toBeGreaterThan(0);
    expect(singular).not.toContainEqual(best.parameters);
    const fixed = { regularization: 1e-6, dropout: 0, form: 'primal', userWeightExponent: 0 };
    await expect(tune(modelKind('ease'), large, fixed, options)).rejects.toMatchObject({
      code: 'numerically-singular',
    });
  });

  it('fits a kind without a search space once', async () => {
    const { candidates } = await tune(modelKind('popularity'), twoTastes(), {}, { seed: 1, compute });
    expect(candidates).toHaveLength(1);
  });
});
