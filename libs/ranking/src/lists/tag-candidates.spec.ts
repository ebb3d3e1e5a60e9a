import fc from 'fast-check';
import { CsrMatrix } from '#models';
import type { ServingCatalog } from '../catalog.js';
import { NO_HISTORY } from '../histories/keyed-history.js';
import { Bitmap } from '../items/bitmap.js';
import { naiveScores, naiveWeights } from '../testing/naive-tags.js';
import {
  historyOf,
  placeOf,
  ToyCatalog,
  toyItem,
  toyServices,
  type ToyService,
} from '../testing/toy-catalog.js';
import { RankingService } from './ranking.service.js';

const RUNS = { numRuns: 150, seed: 61 };
const ranking = new RankingService();

interface Wish {
  readonly k: number;
  readonly exclude: readonly number[];
  readonly open: readonly number[] | null;
  readonly minScore: number | undefined;
}

const wishes: fc.Arbitrary<Wish> = fc.record({
  k: fc.integer({ min: 1, max: 45 }),
  exclude: fc.array(fc.nat(45), { maxLength: 6 }),
  open: fc.option(fc.array(fc.nat(40), { minLength: 5 })),
  minScore: fc.option(fc.constantFrom(0.01, 0.05), { nil: undefined }),
});

/** What the first step of a list is by the definition: all items, one by one. */
function naiveList(toy: ToyCatalog, service: ToyService, { k, exclude, open, minScore = 0 }: Wish) {
  const scores = naiveScores(toy, service, historyOf(toy, service));
  return scores
    .map((score, itemKey) => ({
      itemKey,
      score,
      source: service.itemKeys.includes(itemKey) ? 'model' : 'tags',
    }))
    .filter(
      ({ itemKey, score }) =>
        score > 0 &&
        score >= Math.fround(minScore) &&
        toy.items[itemKey]!.available &&
        !service.history.itemKeys.includes(itemKey) &&
        !exclude.includes(itemKey) &&
        (open?.includes(itemKey) ?? true),
    )
    .sort((a, b) => b.score - a.score || placeOf(service, a.itemKey) - placeOf(service, b.itemKey))
    .slice(0, k);
}

async function firstStep(catalog: ServingCatalog, service: ToyService, wish: Wish) {
  const filter = wish.open ? new Bitmap() : undefined;
  for (const key of wish.open ?? []) filter?.set(key, true);
  const { items } = await ranking.forHistory(catalog, service.history, { ...wish, filter });
  return items.filter(({ source }) => source === 'model' || source === 'tags');
}

type Ranked = readonly { readonly itemKey: number; readonly score: number; readonly source: string }[];

function expectSame(actual: Ranked, expected: Ranked): void {
  const names = (items: Ranked) => items.map(({ itemKey, source }) => [itemKey, source]);
  expect(names(actual)).toEqual(names(expected));
  actual.forEach(({ score }, place) => expect(score).toBeCloseTo(expected[place]!.score, 6));
}

describe('new items with tags', () => {
  it('stand where their scores put them among all items, from the first call on and after every change', async () => {
    const changes = fc.array(fc.tuple(fc.nat(39), toyItem), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(toyServices, wishes, changes, async (service, wish, changed) => {
        const toy = await ToyCatalog.of(service.items);
        await toy.train(service.matrix, service.itemKeys);
        for (const change of [null, ...changed]) {
          if (change) toy.put(change[0] % service.items.length, change[1]);
          await toy.refresh();
          const catalog = await toy.withNewItems();
          for (let call = 0; call < 3; call++)
            expectSame(await firstStep(catalog, service, wish), naiveList(toy, service, wish));
        }
      }),
      RUNS,
    );
  });

  it('are all looked at, however many sets of tags there are', async () => {
    const TAGS = Array.from({ length: 10 }, (_, n) => `t${n}`);
    const tagsOf = (set: number) => TAGS.filter((_, n) => (set >> n) & 1);
    const known = Array.from({ length: 12 }, (_, n) => tagsOf(1 + 83 * n));
    const fresh = Array.from({ length: 700 }, (_, n) => tagsOf(1 + ((n * 37) % 1_023)));
    const items = [...known, ...fresh].map((tags) => ({ tags, metadata: {}, available: true, ageDays: 0 }));
    const cells = Array.from({ length: 24 }, (_, n) => [n % 8, (n * 5) % 12] as const);
    const service: ToyService = {
      items,
      itemKeys: Int32Array.from(known.keys()),
      matrix: CsrMatrix.fromCoo({
        numRows: 8,
        numCols: 12,
        rows: cells.map(([row]) => row),
        cols: cells.map(([, column]) => column),
      }),
      history: { itemKeys: Int32Array.of(0, 5), values: Float32Array.of(1, 2) },
    };
    const toy = await ToyCatalog.of(items);
    await toy.train(service.matrix, service.itemKeys);
    const catalog = await toy.withNewItems();
    expect(catalog.newItems!.numGroups).toBe(700);
    const ranked = naiveList(toy, service, { k: 1_000, exclude: [], open: null, minScore: undefined });
    expect(ranked.length).toBeGreaterThan(400);
    const worst = ranked.slice(-60).map(({ itemKey }) => itemKey);
    for (const open of [null, worst])
      for (const k of [1, 10, 300, 1_000]) {
        const wish = { k, open, exclude: [], minScore: undefined };
        for (let call = 0; call < 3; call++)
          expectSame(await firstStep(catalog, service, wish), naiveList(toy, service, wish));
      }
  });

  it('change nothing for unknown users, and are in no list twice', async () => {
    await fc.assert(
      fc.asyncProperty(toyServices, async (service) => {
        const toy = await ToyCatalog.of(service.items);
        await toy.train(service.matrix, service.itemKeys);
        const catalog = await toy.withNewItems();
        expect(await ranking.forHistory(catalog, NO_HISTORY, { k: 45 })).toEqual(
          await ranking.forHistory(toy.catalog, NO_HISTORY, { k: 45 }),
        );
        const { items } = await ranking.forHistory(catalog, service.history, { k: 45 });
        expect(new Set(items.map(({ itemKey }) => itemKey)).size).toBe(items.length);
        const plain = await ranking.forHistory(toy.catalog, service.history, { k: 45 });
        const keysOf = (some: Ranked) => some.map(({ itemKey }) => itemKey).sort((a, b) => a - b);
        expect(keysOf(items)).toEqual(keysOf(plain.items));
      }),
      RUNS,
    );
  });

  it('have the scores of the definition under a boost and as pins', async () => {
    let [numScored, numPinned] = [0, 0];
    await fc.assert(
      fc.asyncProperty(toyServices, async (service) => {
        const toy = await ToyCatalog.of(service.items);
        await toy.train(service.matrix, service.itemKeys);
        const catalog = await toy.withNewItems();
        const scores = naiveScores(toy, service, historyOf(toy, service));
        const boost = { evaluate: (_: number, score: number) => Math.fround(2 * score + 1) } as never;
        const { items } = await ranking.forHistory(catalog, service.history, { k: 45, boost });
        const boosted = items.map(({ score }) => score);
        expect(boosted).toEqual(boosted.toSorted((a, b) => b - a));
        for (const { itemKey, score, baseScore, source } of items) {
          expect(baseScore).toBeCloseTo(Math.max(0, scores[itemKey]!), 6);
          expect(score).toBe(Math.fround(2 * baseScore! + 1));
          if (baseScore! <= 0) continue;
          numScored++;
          expect(source).toBe(service.itemKeys.includes(itemKey) ? 'model' : 'tags');
        }
        const pins = [{ itemKey: 0, position: 1 }];
        const pinned = (await ranking.forHistory(catalog, service.history, { k: 45, pins })).items[0];
        if (pinned?.source !== 'pinned') return;
        numPinned++;
        expect(pinned.score).toBeCloseTo(Math.max(0, scores[pinned.itemKey]!), 6);
      }),
      RUNS,
    );
    expect(numScored).toBeGreaterThan(20);
    expect(numPinned).toBeGreaterThan(20);
  });

  it('are explained by parts that sum to the score', async () => {
    let numParts = 0;
    await fc.assert(
      fc.asyncProperty(toyServices, async (service) => {
        const toy = await ToyCatalog.of(service.items);
        const model = await toy.train(service.matrix, service.itemKeys);
        const catalog = await toy.withNewItems();
        const known = historyOf(toy, service);
        const { items } = await ranking.forHistory(catalog, service.history, { k: 45, explain: true });
        for (const { itemKey, score, because = [], source } of items) {
          if (source !== 'tags') continue;
          const sum = because.reduce((total, { part }) => total + part, 0);
          expect(Math.abs(sum - score)).toBeLessThanOrEqual(1e-5 * (1 + Math.abs(score)));
          const weights = naiveWeights(toy, service, itemKey)!;
          for (const { itemId, part } of because) {
            const past = catalog.active!.indexOf(Number(itemId.split('-')[1]));
            const expected = weights.reduce((total, weight, j) => {
              const parts = model.explain(known, j).filter(({ itemIndex }) => itemIndex === past);
              return total + weight * (parts[0]?.part ?? 0);
            }, 0);
            expect(part).toBeCloseTo(expected, 5);
            numParts++;
          }
        }
      }),
      { ...RUNS, numRuns: 60 },
    );
    expect(numParts).toBeGreaterThan(3);
  });

  it('are like the items that those with their tags are like', async () => {
    let numRelated = 0;
    await fc.assert(
      fc.asyncProperty(toyServices, fc.nat(39), async (service, key) => {
        const toy = await ToyCatalog.of(service.items);
        const model = await toy.train(service.matrix, service.itemKeys);
        const catalog = await toy.withNewItems();
        const itemKey = key % service.items.length;
        if (service.itemKeys.includes(itemKey) || !service.items[itemKey]!.available) return;
        const weights = naiveWeights(toy, service, itemKey);
        const { items, reason } = await ranking.similar(catalog, itemKey, { k: 45 });
        if (!weights) {
          expect([items, reason]).toEqual([[], 'item-not-in-model']);
          return;
        }
        const related = new Float64Array(model.numItems);
        weights.forEach((weight, j) => {
          const { indices, scores } = model.similarItems(j, model.numItems);
          indices.forEach((index, rank) => (related[index]! += weight * scores[rank]!));
        });
        for (const item of items) {
          numRelated++;
          expect(item.source).toBe('tags');
          expect(item.score).toBeCloseTo(related[service.itemKeys.indexOf(item.itemKey)]!, 5);
        }
        const sure = [...related.keys()].filter(
          (index) => related[index]! > 1e-6 && service.items[service.itemKeys[index]!]!.available,
        );
        expect(items.length).toBeGreaterThanOrEqual(sure.length);
        const scores = items.map(({ score }) => score);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      }),
      RUNS,
    );
    expect(numRelated).toBeGreaterThan(5);
  });
});
