import { DomainError } from '#domain';
import { CapacityExceededError, ComputeThreads } from '#sparse';
import { holdOut } from '../dataset/split.js';
import { evaluate } from '../evaluation/evaluate.js';
import { measureKind } from '../evaluation/measure-kind.js';
import { modelKind } from '../model-registry.js';
import { twoTastes } from '../testing/toy-datasets.js';
import { chooseBest, differencesBetween, validateKind } from './leaderboard.js';
import { fitOrLeaveOut, reasonToLeaveOut } from './left-out.js';

const compute = new ComputeThreads({ threads: 1 });
const split = holdOut(twoTastes(), { fraction: 0.2, seed: 5 });

describe('validateKind', () => {
  const validate = (given: object, tune: boolean) =>
    validateKind(modelKind('item-knn'), split.train, { ...given }, { seed: 1, compute, tune });

  it('measures the defaults on a part of the training data that the fit does not see', async () => {
    const { parameters, metrics } = await validate({}, false);
    expect(parameters).toEqual(modelKind('item-knn').parameters.parse({}));
    const inner = holdOut(split.train, { fraction: 0.1, seed: 1 });
    const { recommender } = await modelKind('item-knn').fit(inner.train, parameters, { seed: 1 });
    expect(metrics).toEqual(evaluate(recommender, inner, { ks: [20], seed: 1 }).metrics);
  });

  it('chooses what is not given when it tunes, and is then no worse', async () => {
    const [plain, tuned] = [
      await validate({ entriesPerRow: 2 }, false),
      await validate({ entriesPerRow: 2 }, true),
    ];
    expect(tuned.parameters).toMatchObject({ entriesPerRow: 2 });
    expect(tuned.metrics['ndcg@20']!.mean).toBeGreaterThanOrEqual(plain.metrics['ndcg@20']!.mean);
  });
});

describe('chooseBest', () => {
  const row = (model: string, mean: number) => ({
    model,
    validation: { 'ndcg@20': { mean, ci95: [0, 1] as const } },
  });

  it('takes the highest figure of the validation part, and the first of those that tie', () => {
    expect(chooseBest([row('a', 0.1), row('b', 0.3), row('c', 0.3)])?.model).toBe('b');
    const none: ReturnType<typeof row>[] = [];
    expect(chooseBest(none)).toBeUndefined();
  });
});

describe('differencesBetween', () => {
  it('pairs the users of two models, metric by metric', async () => {
    const measure = (kind: string) =>
      measureKind(modelKind(kind), split, modelKind(kind).parameters.parse({}), {
        ks: [5, 10],
        seed: 1,
        compute,
      });
    const [ease, popularity] = [await measure('ease'), await measure('popularity')];
    const differences = differencesBetween(popularity.whole, ease.whole, 1);
    expect(Object.keys(differences)).toEqual(['recall@5', 'ndcg@5', 'recall@10', 'ndcg@10']);
    for (const [name, { mean, ci95 }] of Object.entries(differences)) {
      expect(mean).toBeCloseTo(popularity.whole.metrics[name]!.mean - ease.whole.metrics[name]!.mean, 12);
      expect(ci95[0]).toBeLessThanOrEqual(mean);
      expect(ci95[1]).toBeLessThan(0);
    }
  });
});

describe('measureKind', () => {
  it('measures the served form beside the whole one where they differ, and says when the fit is over', async () => {
    const events: string[] = [];
    const options = {
      ks: [5],
      seed: 1,
      compute,
      onFitting: () => events.push('fitting'),
      onFitted: () => events.push('fitted'),
      onEvaluating: () => events.push('evaluating'),
    };
    const pruned = modelKind('ease').parameters.parse({ regularization: 2, entriesPerRow: 1 });
    const { whole, served, trained } = await measureKind(modelKind('ease'), split, pruned, options);
    expect(served).toEqual(evaluate(trained.recommender, split, { ks: [5], seed: 1 }));
    expect(served?.metrics).not.toEqual(whole.metrics);
    const at = events.indexOf('fitted');
    expect(at).toBeGreaterThan(0);
    expect(events.slice(0, at)).not.toContain('evaluating');
    expect(events.slice(at + 1)).not.toContain('fitting');
    const plain = await measureKind(modelKind('popularity'), split, {}, options);
    expect(plain.served).toBeUndefined();
  });
});

describe('reasonToLeaveOut', () => {
  const estimate = { peakBytes: 3 * 2 ** 20, flops: 2e9, artifactBytes: 1 };

  it('says what a fit costs and what it may cost', () => {
    expect(reasonToLeaveOut(estimate, { peakBytes: 3 * 2 ** 20, flops: 2e9 })).toBeNull();
    expect(reasonToLeaveOut(estimate, {})).toBeNull();
    expect(reasonToLeaveOut(estimate, { peakBytes: 2 ** 20 })).toBe(
      'its fit needs about 3 MiB, and may have 1',
    );
    expect(reasonToLeaveOut(estimate, { flops: 1e9 })).toBe(
      'its fit takes about 2.0e+9 FLOPs, and may take 1.0e+9',
    );
  });
});

describe('fitOrLeaveOut', () => {
  it.each([new DomainError('numerically-singular', 'raise regularization'), new CapacityExceededError(8, 4)])(
    'leaves out a model whose data or memory does not allow a fit: %s',
    async (error) => {
      expect(await fitOrLeaveOut(() => Promise.reject(error))).toEqual({ leftOut: error.message });
    },
  );

  it('hides no bug, and passes on what was fitted', async () => {
    const bug = new TypeError('x is undefined');
    await expect(fitOrLeaveOut(() => Promise.reject(bug))).rejects.toBe(bug);
    expect(await fitOrLeaveOut(() => Promise.resolve(3))).toBe(3);
  });
});
