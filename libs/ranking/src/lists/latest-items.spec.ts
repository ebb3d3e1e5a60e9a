import fc from 'fast-check';
import { filterSchema } from '../filter/filter.schema.js';
import { ItemFilters } from '../filter/item-filters.js';
import { ToyCatalog, toyItem } from '../testing/toy-catalog.js';
import { RankingService } from './ranking.service.js';

const DAY_MS = 86_400_000;

describe('the latest items', () => {
  it('are all items by their dates, sorted and cut', async () => {
    const options = fc.record({
      k: fc.integer({ min: 1, max: 45 }),
      exclude: fc.array(fc.nat(40)),
      isTagged: fc.boolean(),
      oldest: fc.option(fc.nat(6), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(toyItem, { minLength: 1, maxLength: 40 }),
        options,
        async (items, { k, exclude, isTagged, oldest }) => {
          const toy = await ToyCatalog.of(items);
          const dates = await toy.columns.get(toy.catalog, 'createdAt');
          const dayOf = (itemKey: number) => Number(dates.value(itemKey)) / DAY_MS;
          const filter = isTagged
            ? await new ItemFilters(toy.columns).resolve(
                toy.catalog,
                filterSchema.parse({ tags: { any: ['a'] } }),
              )
            : undefined;
          const minScore = oldest === undefined ? undefined : dayOf(0) - oldest + items[0]!.ageDays;
          const wanted = [...items.keys()]
            .filter((key) => items[key]!.available && !exclude.includes(key))
            .filter((key) => !isTagged || items[key]!.tags.includes('a'))
            .filter((key) => minScore === undefined || dayOf(key) >= minScore)
            .sort((a, b) => dayOf(b) - dayOf(a) || a - b)
            .slice(0, k);
          const list = { k, exclude, filter, minScore };
          const { items: found, reason } = await new RankingService().latest(toy.catalog, list, dates);
          expect(found.map(({ itemKey }) => itemKey)).toEqual(wanted);
          expect(found.map(({ score }) => score)).toEqual(wanted.map((key) => Math.fround(dayOf(key))));
          expect(reason === undefined).toBe(found.length === k);
        },
      ),
      { numRuns: 150, seed: 7 },
    );
  });
});
