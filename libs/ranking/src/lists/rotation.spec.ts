import fc from 'fast-check';
import { NO_HISTORY } from '../histories/keyed-history.js';
import { placeOf, ToyCatalog, toyServices } from '../testing/toy-catalog.js';
import { RankingService } from './ranking.service.js';
import { Rotation } from './rotation.js';

const RUNS = { numRuns: 150, seed: 37 };
const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 0, 1);

const rotations = fc.record({
  strength: fc.constantFrom(0.1, 0.5, 1),
  halfLifeHours: fc.constantFrom(0.5, 24),
  shown: fc.dictionary(fc.nat(39).map(String), fc.nat(48)),
});
const toRotation = ({
  strength,
  halfLifeHours,
  shown,
}: {
  strength: number;
  halfLifeHours: number;
  shown: object;
}) =>
  new Rotation(
    { strength, halfLifeHours },
    new Map(Object.entries(shown).map(([key, hours]) => [Number(key), NOW - Number(hours) * HOUR_MS])),
    NOW,
  );

describe('a rotation', () => {
  const ranking = new RankingService();

  it('makes the list that sorting all rescored items makes', async () => {
    await fc.assert(
      fc.asyncProperty(toyServices, rotations, fc.integer({ min: 1, max: 12 }), async (service, wish, k) => {
        const toy = await ToyCatalog.of(service.items);
        await toy.train(service.matrix, service.itemKeys);
        const rotation = toRotation(wish);
        for (const history of [service.history, NO_HISTORY]) {
          const all = (await ranking.forHistory(toy.catalog, history, { k: 40 })).items;
          const expected = ['model', 'popular', 'catalogue'].flatMap((source) =>
            all
              .filter((item) => item.source === source)
              .map(({ itemKey, score }) => ({ itemKey, score: naive(wish, itemKey, score), base: score }))
              .sort((a, b) => b.score - a.score || placeOf(service, a.itemKey) - placeOf(service, b.itemKey)),
          );
          const { items } = await ranking.forHistory(toy.catalog, history, { k, rotation });
          expect(items.map(({ itemKey, score, baseScore }) => [itemKey, score, baseScore])).toEqual(
            expected
              .slice(0, k)
              .map(({ itemKey, score, base }) => [itemKey, score, score === base ? undefined : base]),
          );
          const minScore = 0.2;
          const cut = await ranking.forHistory(toy.catalog, history, { k: 40, rotation, minScore });
          expect(cut.items.map(({ itemKey }) => itemKey)).toEqual(
            expected
              .filter(({ itemKey, score }) => {
                const source = all.find((item) => item.itemKey === itemKey)?.source;
                const isPersonal = [...history.itemKeys].some((key) => service.itemKeys.includes(key));
                return score >= Math.fround(minScore) && (source === 'model' || !isPersonal);
              })
              .map(({ itemKey }) => itemKey),
          );
        }
      }),
      RUNS,
    );
  });

  it('is applied after a boost, whose base score stays', async () => {
    await fc.assert(
      fc.asyncProperty(toyServices, rotations, async (service, wish) => {
        const toy = await ToyCatalog.of(service.items);
        await toy.train(service.matrix, service.itemKeys);
        const boost = { evaluate: (itemKey: number) => Math.fround(1 + (itemKey % 7)) } as never;
        const { items } = await ranking.forHistory(toy.catalog, service.history, {
          k: 40,
          boost,
          rotation: toRotation(wish),
        });
        const plain = await ranking.forHistory(toy.catalog, service.history, { k: 40, boost });
        const before = new Map(plain.items.map((item) => [item.itemKey, item]));
        expect(items).toHaveLength(before.size);
        for (const { itemKey, score, baseScore } of items) {
          expect(score).toBe(naive(wish, itemKey, before.get(itemKey)!.score));
          expect(baseScore).toBe(before.get(itemKey)!.baseScore);
        }
        const scores = items.map(({ score }) => score);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      }),
      RUNS,
    );
  });
});

function naive(
  {
    strength,
    halfLifeHours,
    shown,
  }: { strength: number; halfLifeHours: number; shown: Record<string, number> },
  itemKey: number,
  score: number,
): number {
  const hours = shown[String(itemKey)];
  return hours === undefined || score <= 0
    ? score
    : Math.fround(score * (1 - strength * 2 ** (-hours / halfLifeHours)));
}
