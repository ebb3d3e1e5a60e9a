import type { ModelParameters } from '#domain';
import { holdOut } from '../dataset/split.js';
import { evaluate } from '../evaluation/evaluate.js';
import { pairedDifference } from '../metrics/paired-difference.js';
import { popularity } from '../popularity/popularity.model.js';
import type { RecommenderKind } from '../recommender.js';
import { fiveTastes } from '../testing/toy-datasets.js';
import { lightgcl } from './lightgcl.model.js';
import type { LightgclParameters } from './lightgcl.params.js';

it('loses nothing by the default contrast against LightGCN, and much by one that is too strong', async () => {
  const split = holdOut(fiveTastes(), { fraction: 0.3, seed: 1 });
  const ndcgWith = async (changes: Partial<LightgclParameters>) => {
    const settings = { factors: 8, epochs: 20, patience: 0, learningRate: 0.02, ...changes };
    const { recommender } = await lightgcl.fit(split.train, lightgcl.parameters.parse(settings), { seed: 1 });
    return evaluate(recommender, split, { ks: [10], seed: 1 }).perUser['ndcg@10']!;
  };
  const plain = await ndcgWith({ contrastWeight: 0 });
  const byDefault = pairedDifference(await ndcgWith({}), plain, 1);
  expect(byDefault.ci95[0]).toBeGreaterThan(-0.02);
  const strong = pairedDifference(await ndcgWith({ contrastWeight: 10 }), plain, 1);
  expect(strong.ci95[1]).toBeLessThan(-0.02);
});

it('ranks far better than popularity with no parameters at all', async () => {
  const split = holdOut(fiveTastes(), { fraction: 0.3, seed: 1 });
  const ndcgOf = async <P extends ModelParameters>(kind: RecommenderKind<P>) => {
    const { recommender } = await kind.fit(split.train, kind.parameters.parse({}), { seed: 1 });
    return evaluate(recommender, split, { ks: [10], seed: 1 }).perUser['ndcg@10']!;
  };
  const difference = pairedDifference(await ndcgOf(lightgcl), await ndcgOf(popularity), 1);
  expect(difference.ci95[0]).toBeGreaterThan(0.2);
});
