import fc from 'fast-check';
import { ComputeThreads, CsrMatrix } from '#sparse';
import { holdOut } from '../dataset/split.js';
import { evaluate } from '../evaluation/evaluate.js';
import { decodeLinear } from '../linear/linear.codec.js';
import type { FitCache } from '../recommender.js';
import { LINEAR } from '../testing/declared.js';
import { describeRecommender } from '../testing/recommender-conformance.js';
import { fiveTastes, historyOf, userItemMatrices } from '../testing/toy-datasets.js';
import { ease } from './ease.model.js';
import { easeParameters, type EaseParameters } from './ease.params.js';

const TOLERANCE = 1e-4;

/** Whole and unrounded, unless a test says otherwise. */
function parameters(given: Partial<EaseParameters>): EaseParameters {
  return easeParameters.parse({ form: 'blocks', entriesPerRow: 10_000, storage: 'f32', ...given });
}

describeRecommender(ease, parameters({ regularization: 2, blockSize: 60, coreSize: 15 }), {
  ...LINEAR,
  ndcg: 0.3,
});

describe('EASE by blocks', () => {
  it.each([
    ['mean', {}],
    ['column', { dropout: 0.4 }],
    ['row', { dropout: 0.6, userWeightExponent: 0.5 }],
  ] as const)('equals EASE where each block has all items, by %s', async (readout, given) => {
    await fc.assert(
      fc.asyncProperty(
        userItemMatrices,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 10 }),
        async (x, regularization, coreSize) => {
          const fit = (form: EaseParameters['form']) =>
            ease.fit(x, parameters({ regularization, form, coreSize, readout, ...given }), { seed: 1 });
          const [blocks, whole] = [await fit('blocks'), await fit('primal')];
          for (let item = 0; item < x.numCols; item++) {
            const scores = blocks.recommender.scoreUser(historyOf(item));
            whole.recommender
              .scoreUser(historyOf(item))
              .forEach((score, other) => expect(Math.abs(score - scores[other]!)).toBeLessThan(TOLERANCE));
          }
        },
      ),
      { numRuns: 30, seed: 3 },
    );
  });

  it('comes close to EASE with blocks of half of the items', async () => {
    const split = holdOut(fiveTastes(), { fraction: 0.2, seed: 5 });
    const ndcg = async (given: Partial<EaseParameters>) => {
      const trained = await ease.fit(split.train, parameters({ regularization: 20, ...given }), { seed: 1 });
      return evaluate(trained.recommender, split, { ks: [10], seed: 1 }).metrics['ndcg@10']!.mean;
    };
    const whole = await ndcg({ form: 'primal' });
    for (const readout of ['mean', 'column', 'row'] as const)
      expect(Math.abs((await ndcg({ blockSize: 50, coreSize: 20, readout })) - whole)).toBeLessThan(0.02);
  });

  it('makes the same bytes on any number of threads, and others of another readout', async () => {
    const bytes = async (threads: number, given: Partial<EaseParameters> = {}) => {
      const compute = new ComputeThreads({ threads });
      const sizes = { regularization: 20, blockSize: 40, coreSize: 15, ...given };
      const { recommender } = await ease.fit(fiveTastes(), parameters(sizes), { seed: 1, compute });
      compute.close();
      return recommender.encode();
    };
    const alone = await bytes(1);
    expect(await bytes(3)).toEqual(alone);
    expect(await bytes(1, { readout: 'column' })).not.toEqual(alone);
  });

  it('is named in the artifact, as the form that `auto` took is', async () => {
    const formOf = async (form: EaseParameters['form']) => {
      const { recommender } = await ease.fit(fiveTastes(), parameters({ form }), { seed: 1 });
      return decodeLinear({ name: 'ease', version: 2 }, recommender.encode()).provenance['form'];
    };
    expect(await Promise.all([formOf('blocks'), formOf('auto')])).toEqual(['blocks', 'primal']);
  });

  it('solves no block again for another readout of fits that share a cache', async () => {
    const found = new Map<string, object>();
    const asked: string[] = [];
    const cache: FitCache = {
      get: (name) => {
        asked.push(name);
        return found.get(name);
      },
      set: (name, part) => found.set(name, part),
    };
    const bytes = async (readout: EaseParameters['readout'], shared?: FitCache) => {
      const given = parameters({ regularization: 20, blockSize: 40, coreSize: 15, readout });
      return (await ease.fit(fiveTastes(), given, { seed: 1, cache: shared })).recommender.encode();
    };
    for (const readout of ['mean', 'column', 'row'] as const)
      expect(await bytes(readout, cache)).toEqual(await bytes(readout));
    expect([new Set(asked).size, found.size]).toEqual([1, 1]);
  });

  it('refuses what float32 cannot solve', async () => {
    const alike = CsrMatrix.fromCoo({
      numRows: 4_000,
      numCols: 12,
      rows: Array.from({ length: 48_000 }, (_, e) => Math.floor(e / 12)),
      cols: Array.from({ length: 48_000 }, (_, e) => e % 12),
    });
    const given = parameters({ regularization: 1e-5, blockSize: 6, coreSize: 3 });
    await expect(ease.fit(alike, given, { seed: 1 })).rejects.toMatchObject({ code: 'numerically-singular' });
  });

  it('needs memory for its blocks and lists, not for items times items', () => {
    const bytes = (numItems: number, threads: number) =>
      ease.estimate({ numUsers: 1e6, numItems, nnz: 2e7 }, parameters({ entriesPerRow: 'auto' }), threads)
        .peakBytes;
    expect(bytes(1e6, 1)).toBeLessThan(16 * 2 ** 30);
    expect(bytes(1e6, 2) - bytes(1e6, 1)).toBeGreaterThan(4 * 4_096 ** 2 * 0.85);
  });
});
