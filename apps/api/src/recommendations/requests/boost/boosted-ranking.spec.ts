import fc from 'fast-check';
import { traitsOf } from '#domain';
import { BestItems, Bitmap, RankingService } from '#ranking';
import {
  historyOf,
  NOW,
  placeOf,
  ToyCatalog,
  toyServices,
  type ToyItem,
} from '../../../../../../libs/ranking/src/testing/toy-catalog.js';
import { compileBoost } from './boost-compiler.js';
import { Boosts } from './boosts.js';

const RUNS = { numRuns: 150, seed: 9 };
const ranking = new RankingService();

/** Expressions and the same by hand, for the slow twin. */
type Twin = (item: ToyItem, score: number, popularity: number) => number;
const yearOf = ({ metadata: { year } }: ToyItem) => (typeof year === 'number' ? year : year === true ? 1 : 0);
const has = ({ tags }: ToyItem, tag: string) => (tags.includes(tag) ? 1 : 0);
const BOOSTS: readonly (readonly [string, Twin])[] = [
  ['score', (_, score) => score],
  ['1', () => 1],
  ['-score', (_, score) => -score],
  ['score + tag("a") - tag("b") / 2', (item, score) => score + has(item, 'a') - has(item, 'b') / 2],
  ['popularity / (1 + ageDays)', (item, _, popularity) => popularity / (1 + item.ageDays)],
  ['metadata("year") > 1991 ? score + 1 : score', (item, score) => (yearOf(item) > 1991 ? score + 1 : score)],
  ['log(score)', (_, score) => Math.log(score)],
  [
    'userTag("member") * tag("a") + userMetadata("age") * score + userMetadata("ok") - userTag("a")',
    (item, score) => has(item, 'a') + 31 * score + 1,
  ],
  ['score + userMetadata("name") + userTag("toString") + userMetadata("none")', (_, score) => score],
  ['tag("c") ? 1 / 0 : ageDays', (item) => (has(item, 'c') ? Infinity : item.ageDays)],
];

/** Of whom the lists are for. */
const TRAITS = traitsOf({ tags: ['member'], metadata: { age: 31, ok: true, no: false, name: 'x' } });

describe('a boost', () => {
  it('ranks all items that may be answered, as computing and sorting all of them does', async () => {
    await fc.assert(
      fc.asyncProperty(
        toyServices,
        fc.constantFrom(...BOOSTS),
        fc.integer({ min: 1, max: 45 }),
        fc.option(fc.integer({ min: -1, max: 1 }), { nil: undefined }),
        async (service, [text, twin], k, minScore) => {
          const toy = await ToyCatalog.of(service.items);
          const model = await toy.train(service.matrix, service.itemKeys);
          const filter = Bitmap.all(30);
          const boost = await new Boosts(toy.columns).resolve(toy.catalog, compileBoost(text), TRAITS, NOW);
          const history = historyOf(toy, service);
          const scores = history.indices.length > 0 ? model.scoreUser(history) : null;
          const counts = service.matrix.columnCounts();
          const expected = toy.items
            .map((item, key) => {
              const index = service.itemKeys.indexOf(key);
              const base = index < 0 ? 0 : Math.max(0, scores?.[index] ?? 0);
              const popularity = index < 0 ? 0 : counts[index]!;
              return { key, item, index, base, popularity, score: Math.fround(twin(item, base, popularity)) };
            })
            .filter(
              ({ key, item, score }) =>
                item.available &&
                !service.history.itemKeys.includes(key) &&
                key < 30 &&
                Number.isFinite(score),
            )
            .filter(({ score }) => score >= (minScore ?? -Infinity))
            .sort(
              (a, b) =>
                b.score - a.score ||
                b.base - a.base ||
                (a.base > 0
                  ? 0
                  : Number(b.index >= 0) - Number(a.index >= 0) || b.popularity - a.popularity) ||
                placeOf(service, a.key) - placeOf(service, b.key),
            )
            .slice(0, k);
          const { items, reason } = await ranking.forHistory(toy.catalog, service.history, {
            k,
            filter,
            boost,
            minScore,
          });
          expect(items.map(({ itemKey, score, baseScore }) => [itemKey, score, baseScore])).toEqual(
            expected.map(({ key, score, base }) => [key, score, base]),
          );
          expect(reason === undefined).toBe(items.length === k);
        },
      ),
      RUNS,
    );
  });

  it('that is the score changes no order', async () => {
    await fc.assert(
      fc.asyncProperty(toyServices, fc.integer({ min: 1, max: 45 }), async (service, k) => {
        const toy = await ToyCatalog.of(service.items);
        await toy.train(service.matrix, service.itemKeys);
        const boost = await new Boosts(toy.columns).resolve(
          toy.catalog,
          compileBoost('score'),
          undefined,
          NOW,
        );
        const plain = await ranking.forHistory(toy.catalog, service.history, { k });
        const boosted = await ranking.forHistory(toy.catalog, service.history, { k, boost });
        expect(boosted.items.map(({ itemKey, source }) => [itemKey, source])).toEqual(
          plain.items.map(({ itemKey, source }) => [itemKey, source]),
        );
        expect(boosted.reason).toBe(plain.reason);
      }),
      RUNS,
    );
  });

  it('that is not finite leaves items out, and the reason says so', async () => {
    const item = { tags: [], metadata: {}, available: true, ageDays: 0 };
    const toy = await ToyCatalog.of([item, item, { ...item, tags: ['a'] }]);
    const listOf = async (text: string, k: number) => {
      const boost = await new Boosts(toy.columns).resolve(toy.catalog, compileBoost(text), undefined, NOW);
      const history = { itemKeys: new Int32Array(), values: new Float32Array() };
      return ranking.forHistory(toy.catalog, history, { k, boost });
    };
    expect(await listOf('0 / 0', 3)).toEqual({ items: [], reason: 'no-items-left-after-boost' });
    expect(await listOf('10^39', 3)).toEqual({ items: [], reason: 'no-items-left-after-boost' });
    expect(await listOf('1 / tag("a")', 3)).toMatchObject({
      items: [{ itemKey: 2, score: 1 }],
      reason: 'fewer-items-left-after-boost',
    });
  });
});

describe('BestItems', () => {
  it('keeps what a sort would, of any order and size', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), fc.nat(12), (values, size) => {
        const entries = values.map((value, place) => ({ value, place }));
        const isBefore = (a: { value: number; place: number }, b: { value: number; place: number }) =>
          a.value > b.value || (a.value === b.value && a.place < b.place);
        const best = new BestItems(size, isBefore);
        for (const entry of entries) best.offer(entry);
        expect(best.toSorted()).toEqual(
          [...entries].sort((a, b) => b.value - a.value || a.place - b.place).slice(0, size),
        );
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});
