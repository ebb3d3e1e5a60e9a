import fc from 'fast-check';
import { NO_HISTORY } from '../histories/keyed-history.js';
import { RankingService } from '../lists/ranking.service.js';
import { historyOf, NOW, ToyCatalog, toyItem, toyServices, type ToyItem } from '../testing/toy-catalog.js';
import { filterSchema } from './filter.schema.js';
import { ItemFilters } from './item-filters.js';

const RUNS = { numRuns: 150, seed: 5 };

const tags = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'none has it'), { minLength: 1 });
const bound = fc.oneof(fc.integer({ min: 1989, max: 1996 }), fc.constantFrom('1991', 'old'));
const scalar = fc.oneof(bound, fc.boolean());
const optional = { requiredKeys: [] as [] };
const notEmpty = (condition: object) => Object.keys(condition).length > 0;
const range = { gt: bound, gte: bound, lt: bound, lte: bound };
const days = fc.integer({ min: -1, max: 7 });

const filters = fc.record(
  {
    itemId: fc.record({
      in: fc.array(
        fc.nat(45).map((key) => `item-${key}`),
        { minLength: 1 },
      ),
    }),
    tags: fc.record({ any: tags, all: tags, none: tags }, optional).filter(notEmpty),
    ageDays: fc.record({ gt: days, gte: days, lt: days, lte: days }, optional).filter(notEmpty),
    'metadata.year': fc
      .record({ ...range, eq: scalar, in: fc.array(scalar, { minLength: 1, maxLength: 3 }) }, optional)
      .filter(notEmpty),
    available: fc.constant(true),
  },
  optional,
);
type RawFilter = typeof filters extends fc.Arbitrary<infer Value> ? Value : never;

/** The slow twin: one item against one filter, as the documents say it. */
function matches(item: ToyItem, filter: RawFilter, itemKey: number): boolean {
  const { tags: tag, ageDays: age, 'metadata.year': year } = filter;
  if (filter.itemId && !filter.itemId.in.includes(`item-${itemKey}`)) return false;
  if (tag?.any && !tag.any.some((name) => item.tags.includes(name))) return false;
  if (tag?.all && !tag.all.every((name) => item.tags.includes(name))) return false;
  if (tag?.none?.some((name) => item.tags.includes(name))) return false;
  if (age && !isWithin(item.ageDays, age)) return false;
  if (!year) return true;
  const values = [item.metadata['year']].flat() as unknown[];
  return values.some(
    (value) =>
      ['number', 'string', 'boolean'].includes(typeof value) &&
      isWithin(value as number, year) &&
      (!('eq' in year) || value === year.eq) &&
      (!year.in || year.in.some((one) => one === value)),
  );
}

function isWithin(value: number | string, bounds: { [name: string]: unknown }): boolean {
  const holds: Record<string, (limit: number) => boolean> = {
    gt: (limit) => (value as number) > limit,
    gte: (limit) => (value as number) >= limit,
    lt: (limit) => (value as number) < limit,
    lte: (limit) => (value as number) <= limit,
  };
  return Object.keys(holds).every(
    (name) =>
      bounds[name] === undefined ||
      (typeof bounds[name] === typeof value && holds[name]!(bounds[name] as number)),
  );
}

describe('filters', () => {
  it('find the items that a look at each one finds, also after items have changed', async () => {
    const changes = fc.array(fc.tuple(fc.nat(45), toyItem), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(toyItem, { minLength: 1, maxLength: 40 }),
        fc.array(filters, { minLength: 1, maxLength: 3 }),
        changes,
        async (items, raws, changed) => {
          const toy = await ToyCatalog.of(items);
          const itemFilters = new ItemFilters(toy.columns);
          const check = async () => {
            for (const raw of raws) {
              const found = await itemFilters.resolve(toy.catalog, filterSchema.parse(raw), NOW);
              const keys = [...toy.items.keys()];
              expect(keys.filter((key) => found.has(key))).toEqual(
                keys.filter((key) => matches(toy.items[key]!, raw, key)),
              );
            }
          };
          await check();
          for (const [key, item] of changed) toy.put(Math.min(key, toy.items.length), item);
          await toy.refresh();
          await check();
        },
      ),
      RUNS,
    );
  });

  it('come before the k best: equal to filtering the list of all items', async () => {
    await fc.assert(
      fc.asyncProperty(toyServices, filters, fc.integer({ min: 1, max: 45 }), async (service, raw, k) => {
        const toy = await ToyCatalog.of(service.items);
        await toy.train(service.matrix, service.itemKeys);
        const filter = await new ItemFilters(toy.columns).resolve(toy.catalog, filterSchema.parse(raw), NOW);
        const ranking = new RankingService();
        const all = (await ranking.forHistory(toy.catalog, service.history, { k: 1_000 })).items;
        const wanted = all
          .filter(({ item }) => matches(toy.items[item.itemKey]!, raw, item.itemKey))
          .slice(0, k);
        const { items, reason } = await ranking.forHistory(toy.catalog, service.history, { k, filter });
        expect(items).toEqual(wanted);
        expect(reason === undefined).toBe(items.length === k);
        const [known] = service.itemKeys;
        const related = (await ranking.similar(toy.catalog, known!, { k: 1_000 })).items;
        const similar = await ranking.similar(toy.catalog, known!, { k, filter });
        expect(similar.items).toEqual(
          related.filter(({ item }) => matches(toy.items[item.itemKey]!, raw, item.itemKey)).slice(0, k),
        );
        expect(similar.reason === undefined).toBe(similar.items.length === k);
        const popular = (await ranking.popular(toy.catalog, { k: 1_000 })).items;
        expect((await ranking.popular(toy.catalog, { k, filter })).items).toEqual(
          popular.filter(({ item }) => matches(toy.items[item.itemKey]!, raw, item.itemKey)).slice(0, k),
        );
      }),
      RUNS,
    );
  });

  it('exclude and minScore bound every source of a list, as a look at each item does', async () => {
    const least = fc.option(fc.double({ min: -1, max: 4, noNaN: true }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(
        toyServices,
        fc.array(fc.nat(40)),
        least,
        fc.integer({ min: 1, max: 45 }),
        async (service, exclude, minScore, k) => {
          const toy = await ToyCatalog.of(service.items);
          await toy.train(service.matrix, service.itemKeys);
          const ranking = new RankingService();
          for (const history of [service.history, NO_HISTORY]) {
            const isPersonal = historyOf(toy, { ...service, history }).indices.length > 0;
            const all = (await ranking.forHistory(toy.catalog, history, { k: 1_000 })).items;
            const wanted = all
              .filter(({ itemKey }) => !exclude.includes(itemKey))
              .filter(({ score, source }) => {
                const judged = isPersonal && source !== 'model' ? 0 : score;
                return judged >= Math.fround(minScore ?? -Infinity);
              });
            const { items, reason } = await ranking.forHistory(toy.catalog, history, {
              k,
              exclude,
              minScore,
            });
            expect(items).toEqual(wanted.slice(0, k));
            expect(reason === undefined).toBe(items.length === k);
          }
        },
      ),
      RUNS,
    );
  });

  it('read a column once, and after a change only what changed', async () => {
    const item = { tags: ['a'], metadata: {}, available: true, ageDays: 0 };
    const toy = await ToyCatalog.of(Array(50).fill(item) as ToyItem[]);
    const resolve = () =>
      new ItemFilters(toy.columns).resolve(toy.catalog, filterSchema.parse({ tags: { any: ['a'] } }));
    await Promise.all([resolve(), resolve()]);
    await resolve();
    expect(toy.rowsRead).toBe(50);
    toy.put(7, { ...item, tags: [] });
    await toy.refresh();
    expect((await resolve()).has(7)).toBe(false);
    expect(toy.rowsRead).toBe(51);
  });

  it('say of an empty list that the filter left nothing', async () => {
    const item = { tags: ['a'], metadata: {}, available: true, ageDays: 0 };
    const toy = await ToyCatalog.of([item, item, { ...item, tags: ['b'] }]);
    const reasonOf = async (tag: string, k: number) => {
      const filter = await new ItemFilters(toy.columns).resolve(
        toy.catalog,
        filterSchema.parse({ tags: { all: [tag] } }),
      );
      return (await new RankingService().popular(toy.catalog, { k, filter })).reason;
    };
    expect(await reasonOf('c', 2)).toBe('no-items-left-after-filter');
    expect(await reasonOf('b', 2)).toBe('fewer-items-left-after-filter');
    expect(await reasonOf('a', 2)).toBeUndefined();
    expect(await reasonOf('a', 4)).toBe('fewer-items-exist');
  });
});
