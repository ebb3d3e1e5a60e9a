import type { ModelParameters } from '@app/domain';
import { CsrMatrix, seededRandom } from '@app/sparse';
import { holdOut } from '../dataset/split.js';
import { evaluate } from '../evaluation/evaluate.js';
import { popularity } from '../popularity/popularity.model.js';
import type { RecommenderKind } from '../recommender.js';
import { pairedDifference } from '../metrics/paired-difference.js';
import { lightgcl } from './lightgcl.model.js';
import type { LightgclParameters } from './lightgcl.params.js';

/** Five tastes: half of the items of one's own, a twentieth of the others. */
function fiveTastes(): CsrMatrix {
  const random = seededRandom(7);
  const cells = Array.from({ length: 300 * 100 }, (_, cell) => [Math.floor(cell / 100), cell % 100] as const);
  const pairs = cells.filter(([user, item]) => random() < (user % 5 === item % 5 ? 0.5 : 0.05));
  return CsrMatrix.fromCoo({
    numRows: 300,
    numCols: 100,
    rows: pairs.map(([user]) => user),
    cols: pairs.map(([, item]) => item),
  });
}

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
