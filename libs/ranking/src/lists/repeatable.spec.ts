import fc from 'fast-check';
import { historyOf, ToyCatalog, toyServices } from '../testing/toy-catalog.js';
import { RankingService } from './ranking.service.js';

const RUNS = { numRuns: 150, seed: 12 };
const ranking = new RankingService();

describe('items of the history that may be answered again', () => {
  it('stand where their scores put them among all items', async () => {
    await fc.assert(
      fc.asyncProperty(toyServices, fc.integer({ min: 1, max: 45 }), fc.nat(7), async (service, k, mask) => {
        const toy = await ToyCatalog.of(service.items);
        const model = await toy.train(service.matrix, service.itemKeys);
        const repeatable = service.history.itemKeys.filter((key) => (mask >> (key % 3)) & 1);
        const history = historyOf(toy, service);
        const scores = history.indices.length > 0 ? model.scoreUser(history) : null;
        const seen = service.history.itemKeys.filter((key) => !repeatable.includes(key));
        const expected = [...service.itemKeys]
          .map((key, index) => ({ key, score: scores?.[index] ?? 0 }))
          .filter(({ key, score }) => score > 0 && service.items[key]!.available && !seen.includes(key))
          .sort((a, b) => b.score - a.score)
          .slice(0, k);
        const { items } = await ranking.forHistory(toy.catalog, { ...service.history, repeatable }, { k });
        expect(
          items
            .filter(({ source }) => source === 'model')
            .map(({ itemKey, score }) => ({ key: itemKey, score })),
        ).toEqual(expected);
        const answered = items.map(({ itemKey }) => itemKey);
        expect(answered.filter((key) => seen.includes(key))).toEqual([]);
        expect(new Set(answered).size).toBe(answered.length);
      }),
      RUNS,
    );
  });
});
