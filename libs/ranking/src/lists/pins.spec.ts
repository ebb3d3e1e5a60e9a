import fc from 'fast-check';
import { without } from '../histories/keyed-history.js';
import { ToyCatalog, toyServices } from '../testing/toy-catalog.js';
import { RankingService } from './ranking.service.js';

const RUNS = { numRuns: 200, seed: 41 };
const ranking = new RankingService();

describe('pins', () => {
  const pinned = fc
    .uniqueArray(fc.nat(39), { minLength: 1, maxLength: 5 })
    .chain((keys) =>
      fc
        .uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: keys.length, maxLength: keys.length })
        .map((positions) => keys.map((itemKey, n) => ({ itemKey, position: positions[n]! }))),
    );

  it('are on their places, and the rest of the list is as it is without them', async () => {
    await fc.assert(
      fc.asyncProperty(toyServices, pinned, fc.integer({ min: 12, max: 20 }), async (service, pins, k) => {
        const toy = await ToyCatalog.of(service.items);
        await toy.train(service.matrix, service.itemKeys);
        const placeable = pins.filter(({ itemKey }) => toy.items[itemKey]?.available);
        const keys = placeable.map(({ itemKey }) => itemKey);
        const { items, reason } = await ranking.forHistory(toy.catalog, service.history, { k, pins });
        const rest = await ranking.forHistory(toy.catalog, service.history, {
          k: k - keys.length,
          exclude: keys,
        });
        expect(items.filter(({ source }) => source !== 'pinned')).toEqual(rest.items);
        expect(items).toHaveLength(rest.items.length + keys.length);
        expect(reason === undefined).toBe(items.length === k);
        for (const { itemKey, position } of placeable) {
          const place = items.findIndex((item) => item.itemKey === itemKey);
          expect(items[place]!.source).toBe('pinned');
          const isReached =
            rest.items.length + placeable.filter((pin) => pin.position < position).length >= position - 1;
          if (isReached) expect(place).toBe(position - 1);
          else expect(items.slice(place).every(({ source }) => source === 'pinned')).toBe(true);
        }
      }),
      RUNS,
    );
  });
});

describe('a history without past items', () => {
  it('is that of somebody who never had them', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(30)), fc.array(fc.nat(30)), (keys, gone) => {
        const historyOf = (itemKeys: number[]) => ({
          itemKeys: Int32Array.from(itemKeys).sort(),
          values: Float32Array.from(Int32Array.from(itemKeys).sort(), (key) => key / 2 + 1),
        });
        expect(without(historyOf(keys), gone)).toEqual(historyOf(keys.filter((key) => !gone.includes(key))));
      }),
      RUNS,
    );
  });
});
