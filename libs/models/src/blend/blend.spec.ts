import { STORAGE_TYPES } from '../artifact/row-storage.js';
import { ease } from '../ease/ease.model.js';
import { easeParameters } from '../ease/ease.params.js';
import { spectral } from '../spectral/spectral.model.js';
import { spectralParameters } from '../spectral/spectral.params.js';
import { LINEAR } from '../testing/declared.js';
import { describeRecommender } from '../testing/recommender-conformance.js';
import { historyOf, twoTastes } from '../testing/toy-datasets.js';
import { blend } from './blend.model.js';
import { blendParameters, type BlendParameters } from './blend.params.js';

function parameters(given: Partial<BlendParameters>): BlendParameters {
  return blendParameters.parse({ regularization: 2, rank: 4, storage: 'f32', ...given });
}

for (const storage of STORAGE_TYPES)
  describeRecommender(blend, parameters({ storage }), { ...LINEAR, ndcg: 0.32 });

describe('blend', () => {
  it.each([
    ['as a whole', {}],
    ['by blocks', { form: 'blocks', blockSize: 12, coreSize: 5, readout: 'row' }],
  ] as const)('is EASE plus the weighted ideal low-pass, part by part, %s', async (_, how) => {
    const given = parameters({ idealWeight: 0.7, scalingExponent: 0.3, userExponent: 0.4, ...how });
    const { regularization, rank, scalingExponent, userExponent, storage } = given;
    const context = { seed: 1 };
    const [both, first, second] = await Promise.all([
      blend.fit(twoTastes(), given, context),
      ease.fit(twoTastes(), easeParameters.parse({ regularization, storage, ...how }), context),
      spectral.fit(
        twoTastes(),
        spectralParameters.parse({ readout: 'svd', rank, scalingExponent, userExponent, storage }),
        context,
      ),
    ]);
    for (let item = 0; item < 20; item++) {
      const history = historyOf(item, (item + 3) % 20);
      const [a, b] = [first.recommender.scoreUser(history), second.recommender.scoreUser(history)];
      both.recommender
        .scoreUser(history)
        .forEach((score, other) => expect(score).toBeCloseTo(a[other]! + 0.7 * b[other]!, 4));
    }
  });

  it('takes parts that earlier fits on the same matrix have made, and is the same', async () => {
    const cache = new Map<string, object>();
    const fit = (given: Partial<BlendParameters>, shared?: Map<string, object>) =>
      blend.fit(twoTastes(), parameters(given), { seed: 1, cache: shared });
    await fit({ rank: 6 }, cache);
    const made = cache.size;
    const fromParts = await fit({ rank: 6, idealWeight: 0.5 }, cache);
    expect(cache.size).toBe(made);
    const alone = await fit({ rank: 6, idealWeight: 0.5 });
    expect(fromParts.recommender.encode()).toEqual(alone.recommender.encode());
  });

  it('refuses a parameter of neither part', () => {
    expect(blend.parameters.safeParse({ flatness: 1 }).success).toBe(false);
    expect(blend.parameters.safeParse({ regularization: 0 }).success).toBe(false);
  });
});
