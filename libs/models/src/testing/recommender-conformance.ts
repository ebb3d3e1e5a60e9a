import fc from 'fast-check';
import type { ModelParameters } from '@app/domain';
import { ComputeThreads, ShapeError, type CsrMatrix } from '@app/sparse';
import type { Recommender, RecommenderKind } from '../recommender.js';
import { receiveModel } from '../model-registry.js';
import { describeSeenItems } from './seen-items-conformance.js';
import { historyOf, twoTastes, userItemMatrices } from './toy-datasets.js';

const RUNS = { numRuns: 40, seed: 7 };
const EXPLANATION_TOLERANCE = 1e-5;

/** What every model must do, whatever it computes. */
export function describeRecommender(kind: RecommenderKind, parameters: ModelParameters): void {
  const fit = async (matrix: CsrMatrix): Promise<Recommender> =>
    (await kind.fit(matrix, parameters, { seed: 1 })).recommender;

  const { storage = 'f32' } = parameters;
  describe(`${kind.kind} stored as ${storage} as a recommender`, () => {
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
            expect([...ranked.indices]).toEqual(expected);
            expect([...ranked.scores]).toEqual(expected.map((item) => scores[item]! + 0));
          }
        }),
        RUNS,
      );
    });

    it('answers for all rows at once, where it can, what it answers for each', async () => {
      const matrix = twoTastes();
      const model = await fit(matrix);
      const ranked = await model.recommendAll?.(new ComputeThreads({ threads: 1 }), matrix, 6);
      for (let row = 0; ranked && row < matrix.numRows; row++) {
        const [start, end] = [row * ranked.k, row * ranked.k + ranked.counts[row]!];
        const one = model.recommend(matrix.row(row), 6);
        expect(end - start).toBe(one.indices.length);
        // Sums are taken in another order, so items that nearly tie may change places.
        ranked.scores
          .subarray(start, end)
          .forEach((score, rank) => expect(score).toBeCloseTo(one.scores[rank]!, 3));
      }
    });

    it('answers by an embedding that it made, where it makes one, what it answers without', async () => {
      const matrix = twoTastes();
      const model = await fit(matrix);
      for (let row = 0; model.embed && row < matrix.numRows; row++) {
        const history = matrix.row(row);
        const embedded = { ...history, embedding: model.embed(history) };
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
          expect(copy.encode()).toEqual(model.encode());
          expect(copy.scoreUser(matrix.row(0))).toEqual(model.scoreUser(matrix.row(0)));
        }),
        RUNS,
      );
    });

    it('answers bit by bit the same where it is lent', async () => {
      await fc.assert(
        fc.asyncProperty(userItemMatrices, fc.integer({ min: 1, max: 15 }), async (matrix, k) => {
          const bytes = (await fit(matrix)).encode();
          const [model, owner] = [kind.decode(bytes), kind.decode(bytes, 'shared')];
          const loan = owner.lend?.(matrix.numCols);
          if (!loan) return;
          const borrowed = receiveModel(loan.lent);
          const allowed = Uint8Array.from({ length: matrix.numCols }, (_, item) => (item % 4 === 3 ? 0 : 1));
          for (let user = 0; user < matrix.numRows; user++) {
            const history = matrix.row(user);
            expect(borrowed.scoreUser(history)).toEqual(model.scoreUser(history));
            expect(borrowed.recommend(history, k, { allowed })).toEqual(
              model.recommend(history, k, { allowed }),
            );
            const item = user % matrix.numCols;
            expect(borrowed.similarItems(item, k)).toEqual(model.similarItems(item, k));
            expect(borrowed.explain(history, item)).toEqual(model.explain(history, item));
          }
          expect(borrowed.encode()).toEqual(bytes);
          expect(() => borrowed.lend?.(1)).toThrow(ShapeError);
          loan.end();
        }),
        RUNS,
      );
    });

    it('answers bit by bit the same where it was handed over, and is lent from there', async () => {
      await fc.assert(
        fc.asyncProperty(userItemMatrices, fc.integer({ min: 1, max: 15 }), async (matrix, k) => {
          const bytes = (await fit(matrix)).encode();
          const [model, maker] = [kind.decode(bytes), kind.decode(bytes, 'shared')];
          // What the maker did before must leave nothing behind.
          maker.recommend(matrix.row(0), k);
          const adopted = receiveModel(maker.handOver());
          const loan = adopted.lend?.(matrix.numCols);
          const owners = [adopted, ...(loan ? [receiveModel(loan.lent)] : []), adopted];
          for (let user = 0; user < matrix.numRows; user++) {
            const history = matrix.row(user);
            for (const owner of owners) {
              expect(owner.scoreUser(history)).toEqual(model.scoreUser(history));
              expect(owner.recommend(history, k)).toEqual(model.recommend(history, k));
              const item = user % matrix.numCols;
              expect(owner.similarItems(item, k)).toEqual(model.similarItems(item, k));
              expect(owner.explain(history, item)).toEqual(model.explain(history, item));
            }
          }
          expect([adopted.kind, adopted.numItems]).toEqual([model.kind, model.numItems]);
          expect(adopted.encode()).toEqual(bytes);
          loan?.end();
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
    });

    it('is the same when it is fitted again', async () => {
      expect((await fit(twoTastes())).encode()).toEqual((await fit(twoTastes())).encode());
    });

    it('refuses an artifact with any byte changed', async () => {
      const bytes = (await fit(twoTastes())).encode();
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (position, flip) => {
          const damaged = bytes.slice();
          damaged[position]! ^= flip;
          expect(() => kind.decode(damaged)).toThrow(expect.objectContaining({ code: 'model-corrupt' }));
        }),
        { ...RUNS, numRuns: 200 },
      );
      expect(() => kind.decode(bytes.subarray(0, bytes.length - 1))).toThrow(
        expect.objectContaining({ code: 'model-corrupt' }),
      );
      expect(() => kind.decode(new Uint8Array())).toThrow(expect.objectContaining({ code: 'model-corrupt' }));
    });

    it('explains a score by parts that sum to it, or not at all', async () => {
      const matrix = twoTastes();
      const model = await fit(matrix);
      for (let user = 0; user < 4; user++) {
        const scores = model.scoreUser(matrix.row(user));
        scores.forEach((score, item) => {
          const parts = model.explain(matrix.row(user), item);
          const sum = parts.reduce((total, { part }) => total + part, 0);
          if (parts.length > 0)
            expect(Math.abs(sum - score)).toBeLessThanOrEqual(EXPLANATION_TOLERANCE * (1 + Math.abs(score)));
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
      for (const { itemIndex, part } of model.explainMixture(history, weights))
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
      for (const number of Object.values(estimate)) expect(number).toBeGreaterThanOrEqual(0);
    });

    describeSeenItems(kind, parameters);
  });
}
