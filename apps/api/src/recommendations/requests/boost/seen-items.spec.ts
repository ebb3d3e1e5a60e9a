import fc from 'fast-check';
import { RankingService, type KeyedHistory, type ListOptions } from '#ranking';
import { NOW, ToyCatalog, toyServices } from '../../../../../../libs/ranking/src/testing/toy-catalog.js';
import { compileBoost } from './boost-compiler.js';
import { Boosts } from './boosts.js';

const RUNS = { numRuns: 200, seed: 4 };
const ranking = new RankingService();

const wishes = fc.record(
  {
    explain: fc.boolean(),
    diversity: fc.constantFrom(0, 0.4),
    minScore: fc.constantFrom(0, 0.01, 0.5),
    pins: fc.constantFrom([{ itemKey: 4, position: 2 }], []),
  },
  { requiredKeys: [] },
);

/** What each past item counts: of most 0, so that histories of such items alone are among them. */
const drawnValues = fc.array(fc.constantFrom(0, 0, 0, 1, 2), { minLength: 40, maxLength: 40 });

function parted({ itemKeys }: KeyedHistory, drawn: readonly number[], isRepeatable: boolean) {
  const values = Float32Array.from(itemKeys, (_, place) => drawn[place]!);
  const repeatable = isRepeatable ? { repeatable: itemKeys.filter((key) => key % 3 === 0) } : {};
  const isLiked = (_: number, place: number) => values[place] !== 0;
  return {
    history: { itemKeys, values, ...repeatable },
    likes: { itemKeys: itemKeys.filter(isLiked), values: values.filter(isLiked), ...repeatable },
    seen: [...itemKeys].filter((key, place) => values[place] === 0 && !(isRepeatable && key % 3 === 0)),
  };
}

describe('past items that count nothing', () => {
  it('are not in the list, which is otherwise the one without them, explained and boosted as well', async () => {
    let [withoutLikes, listed] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        toyServices,
        wishes,
        drawnValues,
        fc.record({ boosted: fc.constantFrom(null, 'score + tag("a")'), isRepeatable: fc.boolean() }),
        async (service, wish, drawn, { boosted, isRepeatable }) => {
          const toy = await ToyCatalog.of(service.items);
          await toy.train(service.matrix, service.itemKeys);
          const boost =
            boosted === null
              ? undefined
              : await new Boosts(toy.columns).resolve(toy.catalog, compileBoost(boosted), undefined, NOW);
          const options = { ...wish, boost, k: 45 } as ListOptions;
          const { history, likes, seen } = parted(service.history, drawn, isRepeatable);
          const catalog = await toy.withNewItems();
          // From the second call on the best items are cached.
          for (let call = 0; call < 3; call++) {
            const { items } = await ranking.forHistory(catalog, history, options);
            const expected = await ranking.forHistory(catalog, likes, { ...options, exclude: seen });
            expect(items).toEqual(expected.items);
            listed += items.length;
          }
          if (likes.itemKeys.length === 0 && history.itemKeys.length > 0) withoutLikes++;
        },
      ),
      RUNS,
    );
    expect(withoutLikes).toBeGreaterThan(10);
    expect(listed).toBeGreaterThan(500);
  });
});
