import { ComputeThreads } from '@app/sparse';
import { modelKind } from '../model-registry.js';
import { twoTastes } from '../testing/toy-datasets.js';
import { tune } from './tune.js';

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
    for (const [name, { values }] of Object.entries(kind.searchSpace!)) {
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

  it('fits a kind without a search space once', async () => {
    const { candidates } = await tune(modelKind('popularity'), twoTastes(), {}, { seed: 1, compute });
    expect(candidates).toHaveLength(1);
  });
});
