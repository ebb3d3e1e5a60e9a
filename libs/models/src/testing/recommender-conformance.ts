import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import type { ModelParameters } from '#domain';
import { ComputeThreads } from '#sparse';
import { holdOut } from '../dataset/split.js';
import { evaluate } from '../evaluation/evaluate.js';
import { popularity } from '../popularity/popularity.model.js';
import type { Recommender, RecommenderKind } from '../recommender.js';
import type { Declared } from './declared.js';
import { fitting } from './fitting.js';
import { describeSeenItems } from './seen-items-conformance.js';
import { describeSending } from './sending-conformance.js';
import { fiveTastes, historyOf, twoTastes, userItemMatrices } from './toy-datasets.js';

const RUNS = { numRuns: 40, seed: 7 };
const EXPLANATION_TOLERANCE = 1e-5;
/** How close a declared NDCG is, and how much better than popularity a personal model is. */
const [NEAR, FAR] = [0.05, 0.15];

/** What every model must do, whatever it computes. */
export function describeRecommender(
  kind: RecommenderKind,
  parameters: ModelParameters,
  declared: Declared,
): void {
  const fit = fitting(kind, parameters);

  const { storage = 'f32' } = parameters;
  describe(`${kind.kind} stored as ${storage} as a recommender`, () => {
    beforeEach(() => expect.hasAssertions());

    it('does what it is declared to do, and nothing more', async () => {
      const matrix = twoTastes();
      const model = await fit(matrix);
      const [someone, nobody] = [model.scoreUser(matrix.row(0)), model.scoreUser(historyOf())];
      const items = [...Array(model.numItems).keys()];
      const { ndcg: _, ...abilities } = declared;
      expect({
        isPersonal: someone.some((score, item) => score !== nobody[item]),
        explains: items.some((item) => model.explain(matrix.row(0), item).length > 0),
        embeds: model.embed !== undefined,
        lends: model.lend !== undefined,
        ranksAllAtOnce: model.recommendAll !== undefined,
      }).toEqual(abilities);
    });

    it('finds as many held-out items as it is declared to, and popularity far fewer where it is personal', async () => {
      const split = holdOut(fiveTastes(), { fraction: 0.3, seed: 1 });
      const ndcgOf = (model: Recommender) =>
        evaluate(model, split, { ks: [10], seed: 1 }).metrics['ndcg@10']!.mean;
      const ndcg = ndcgOf(await fit(split.train));
      const ofPopularity = ndcgOf((await popularity.fit(split.train, {}, { seed: 1 })).recommender);
      expect(ndcg).toBeGreaterThanOrEqual(declared.ndcg);
      expect(ndcg).toBeLessThan(declared.ndcg + NEAR);
      expect(ndcg > ofPopularity + FAR).toBe(declared.isPersonal);
    });

    it('ranks as a full sort of its scores does, ties to the lower index, never the history', async () => {
      await fc.assert(
        fc.asyncProperty(userItemMatrices, fc.integer({ min: 1, max: 15 }), async (matrix, k) => {
          const model = await fit(matrix);
          const allowed = Uint8Array.from({ length: matrix.numCols }, (_, item) => (item % 4 === 3 ? 0 : 1));
          for (let user = 0; user < matrix.numRows; user++) {
            const history = matrix.row(user);
            const scores = model.scoreUser(history);
            const expected = [...scores.keys()]
              .filter((item) => allowed[item] === 1 && !history.indices.includes(item))
              .sort((a, b) => scores[b]! - scores[a]! || a - b)
              .slice(0, k);
            const ranked = model.recommend(history, k, { allowed });
            deepStrictEqual([...ranked.indices], expected);
            expect([...ranked.scores]).toEqual(expected.map((item) => scores[item]! + 0));
          }
        }),
        RUNS,
      );
    });

    if (declared.ranksAllAtOnce)
      it('answers for all rows at once what it answers for each', async () => {
        const matrix = twoTastes();
        const model = await fit(matrix);
        const allowed = Uint8Array.from({ length: matrix.numCols }, (_, item) => Number(item % 5 !== 2));
        const compute = new ComputeThreads({ threads: 1 });
        const ranked = await model.recommendAll!(compute, matrix, 6, { allowed });
        for (let row = 0; row < matrix.numRows; row++) {
          const [start, end] = [row * ranked.k, row * ranked.k + ranked.counts[row]!];
          const one = model.recommend(matrix.row(row), 6, { allowed });
          expect(end - start).toBe(one.indices.length);
          expect([...ranked.columns.subarray(start, end)].every((item) => allowed[item] === 1)).toBe(true);
          if (model.ranksAllAlike) {
            expect([...ranked.columns.subarray(start, end)]).toEqual([...one.indices]);
            expect([...ranked.scores.subarray(start, end)]).toEqual([...one.scores]);
          }
          // Where sums are taken in another order, items that nearly tie may change places.
          ranked.scores
            .subarray(start, end)
            .forEach((score, rank) => expect(score).toBeCloseTo(one.scores[rank]!, 3));
        }
      });

    if (declared.embeds)
      it('answers by an embedding that it made what it answers without', async () => {
        const matrix = twoTastes();
        const model = await fit(matrix);
        for (let row = 0; row < matrix.numRows; row++) {
          const history = matrix.row(row);
          const embedded = { ...history, embedding: model.embed!(history) };
          expect(model.recommend(embedded, 6)).toEqual(model.recommend(history, 6));
          expect(model.scoreUser(embedded)).toEqual(model.scoreUser(history));
          expect(model.explain(embedded, 3)).toEqual(model.explain(history, 3));
        }
      });

    it('answers an empty history with as many items as there are, and no more', async () => {
      const model = await fit(twoTastes());
      expect(model.recommend(historyOf(), 1_000).indices).toHaveLength(model.numItems);
      expect(model.recommend(historyOf(), 0).indices).toHaveLength(0);
    });

    it('is the same after encoding and decoding, bit by bit', async () => {
      await fc.assert(
        fc.asyncProperty(userItemMatrices, async (matrix) => {
          const model = await fit(matrix);
          const copy = kind.decode(model.encode());
          expect(copy.numItems).toBe(model.numItems);
          deepStrictEqual(copy.encode(), model.encode());
          deepStrictEqual(copy.scoreUser(matrix.row(0)), model.scoreUser(matrix.row(0)));
        }),
        RUNS,
      );
    });

    it('takes no fewer steps for more of a history', async () => {
      const model = await fit(twoTastes());
      const steps = [historyOf(), historyOf(3), historyOf(1, 3, 8)].map((history) =>
        model.countSteps(history),
      );
      expect(steps).toEqual([...steps].sort((a, b) => a - b));
      expect(steps[0]).toBe(0);
      expect(steps[2]! > 0).toBe(declared.isPersonal);
    });

    it('is the same when it is fitted again', async () => {
      expect((await fit(twoTastes())).encode()).toEqual((await fit(twoTastes())).encode());
    });

    it('refuses an artifact with any byte changed', async () => {
      const bytes = (await fit(twoTastes())).encode();
      const whyRefused = (damaged: Uint8Array): unknown => {
        try {
          return kind.decode(damaged);
        } catch (error) {
          return (error as { code?: unknown }).code;
        }
      };
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (position, flip) => {
          const damaged = bytes.slice();
          damaged[position]! ^= flip;
          return whyRefused(damaged) === 'model-corrupt';
        }),
        { ...RUNS, numRuns: 200 },
      );
      expect(whyRefused(bytes.subarray(0, bytes.length - 1))).toBe('model-corrupt');
      expect(whyRefused(new Uint8Array())).toBe('model-corrupt');
    });

    it('explains every score by parts that sum to it, or none', async () => {
      const matrix = twoTastes();
      const model = await fit(matrix);
      for (let user = 0; user < 4; user++) {
        const scores = model.scoreUser(matrix.row(user));
        scores.forEach((score, item) => {
          const sum = model.explain(matrix.row(user), item).reduce((total, { part }) => total + part, 0);
          const expected = declared.explains ? score : 0;
          expect(Math.abs(sum - expected)).toBeLessThanOrEqual(EXPLANATION_TOLERANCE * (1 + Math.abs(score)));
        });
      }
    });

    it('explains and relates a mixture of items as the sum of its items', async () => {
      const matrix = twoTastes();
      const model = await fit(matrix);
      const history = matrix.row(1);
      const weights = Float64Array.from({ length: model.numItems }, (_, item) => (item % 3) - 0.5);
      const parts = new Map<number, number>();
      const related = new Float64Array(model.numItems);
      const magnitude = new Float64Array(model.numItems);
      weights.forEach((weight, item) => {
        for (const { itemIndex, part } of model.explain(history, item))
          parts.set(itemIndex, (parts.get(itemIndex) ?? 0) + weight * part);
        const one = model.relateMixture(Float64Array.from(weights, (_, k) => (k === item ? 1 : 0)));
        const { indices, scores } = model.similarItems(item, model.numItems);
        indices.forEach((other, rank) => expect(one[other]).toBeCloseTo(scores[rank]!, 5));
        one.forEach((value, other) => {
          related[other]! += weight * value;
          magnitude[other]! += Math.abs(weight * value);
        });
      });
      const mixed = model.explainMixture(history, weights);
      expect(mixed.length > 0).toBe(declared.explains);
      expect(mixed.map(({ itemIndex }) => itemIndex).sort()).toEqual([...parts.keys()].sort());
      for (const { itemIndex, part } of mixed)
        expect(Math.abs(part - parts.get(itemIndex)!)).toBeLessThanOrEqual(
          EXPLANATION_TOLERANCE * (1 + Math.abs(part)),
        );
      model.relateMixture(weights).forEach((value, item) => {
        expect(Math.abs(value - related[item]!)).toBeLessThanOrEqual(
          EXPLANATION_TOLERANCE * (1 + magnitude[item]!),
        );
      });
    });

    it('never names an item as similar to itself', async () => {
      const model = await fit(twoTastes());
      for (let item = 0; item < model.numItems; item++)
        expect(model.similarItems(item, 50).indices).not.toContain(item);
    });

    it('states its cost before it runs', () => {
      const estimate = kind.estimate({ numUsers: 1_000, numItems: 2_000, nnz: 50_000 }, parameters, 2);
      const always = ['artifactBytes', 'flops', 'peakBytes'];
      expect(Object.keys(estimate)).toEqual(expect.arrayContaining(always));
      for (const number of Object.values(estimate)) expect(number).toBeGreaterThanOrEqual(0);
    });

    describeSeenItems(kind, parameters, declared);
    describeSending(kind, parameters, declared);
  });
}
