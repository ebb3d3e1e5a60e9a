import fc from 'fast-check';
import type { Model } from '#domain';
import { ComputeThreads, CsrMatrix, fitPopularity, modelKind, seededRandom } from '#models';
import type { KeyedHistory } from '../histories/cached-history.js';
import { NO_HISTORY } from '../histories/keyed-history.js';
import type { Bitmap } from '../items/bitmap.js';
import { Bitmap as BitmapOf } from '../items/bitmap.js';
import type { Ranking } from '../lists/list.js';
import { RankingService } from '../lists/ranking.service.js';
import { ActiveModel } from '../models/active-model.js';
import { ToyCatalog, type ToyItem } from '../testing/toy-catalog.js';
import { BatchModel } from './batch-model.js';
import { BatchRanking, type BatchCatalog, type BatchOptions } from './batch-ranking.js';

const NUM_ITEMS = 50;
/** The model does not know the last ones. */
const KNOWN = 44;
const KINDS = ['ease', 'ials', 'blend', 'item-knn', 'popularity'];
const SMALL: Readonly<Record<string, object>> = { ials: { factors: 8, epochs: 4 }, blend: { rank: 8 } };

const compute = new ComputeThreads({ threads: 1 });
const items = Array.from({ length: NUM_ITEMS }, (_, key): ToyItem => {
  return { tags: [key % 3 === 0 ? 'a' : 'b'], metadata: {}, available: key % 7 !== 3, ageDays: 0 };
});

function matrixOf(): CsrMatrix {
  const random = seededRandom(5);
  const cells = Array.from({ length: 60 * KNOWN }, (_, cell) => cell).filter(() => random() < 0.2);
  const [rows, cols] = [cells.map((cell) => Math.floor(cell / KNOWN)), cells.map((cell) => cell % KNOWN)];
  return CsrMatrix.fromCoo({ numRows: 60, numCols: KNOWN, rows, cols });
}

async function serve(kind: string, numItems = NUM_ITEMS): Promise<BatchCatalog & { toy: ToyCatalog }> {
  const toy = await ToyCatalog.of(items.slice(0, numItems));
  const [matrix, model] = [matrixOf(), modelKind(kind)];
  const parameters = model.parameters.parse(SMALL[kind] ?? {});
  const { recommender } = await model.fit(matrix, parameters, { seed: 1 });
  const itemKeys = Int32Array.from({ length: KNOWN }, (_, index) => (7 * index) % KNOWN);
  const served = { kind, itemKeys, recommender, popularity: await fitPopularity(matrix, 1) };
  const active = new BatchModel({ id: 'm' } as Model, served);
  const now = await toy.newItems.asItIsNow({ ...toy.catalog, active });
  return { ...now, active, toy };
}

const keys = fc
  .uniqueArray(fc.nat(NUM_ITEMS - 1), { maxLength: NUM_ITEMS })
  .map((all) => all.sort((a, b) => a - b));

/** Some of it may come again, some was not liked, and of some only that it was seen is known. */
const history: fc.Arbitrary<KeyedHistory> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(NO_HISTORY) },
  {
    weight: 8,
    arbitrary: fc
      .record({ past: keys, older: keys, again: fc.boolean(), hasOlder: fc.boolean(), dislikes: fc.nat(4) })
      .map(({ past, older, again, hasOlder, dislikes }) => {
        const alsoSeen = older.filter((key) => !past.includes(key));
        return {
          itemKeys: Int32Array.from(past),
          values: Float32Array.from(past, (_, place) =>
            dislikes > 0 && place % dislikes === 0 ? 0 : 1 + (place % 3),
          ),
          ...(again && past.length > 0 && { repeatable: Int32Array.from(past.slice(0, 2)) }),
          ...(hasOlder && alsoSeen.length > 0 && { alsoSeen: Int32Array.from(alsoSeen) }),
        };
      }),
  },
);

const filters = fc.option(
  keys.map((open): Bitmap => {
    const bitmap = new BitmapOf(NUM_ITEMS);
    for (const key of open) bitmap.set(key, true);
    return bitmap;
  }),
  { nil: undefined },
);

async function listsOf(
  catalog: BatchCatalog,
  histories: readonly KeyedHistory[],
  options: BatchOptions,
  signal?: AbortSignal,
): Promise<Ranking[]> {
  const ranking = new BatchRanking(compute);
  const lists: Ranking[] = [];
  for await (const list of ranking.lists(await ranking.rank(catalog, histories, options), signal))
    lists.push(list);
  return lists;
}

describe('BatchRanking', () => {
  const one = new RankingService();

  it.each(KINDS)('makes the lists that are made one by one: %s', async (kind) => {
    const catalogs = [await serve(kind), await serve(kind, KNOWN)];
    await fc.assert(
      fc.asyncProperty(
        fc.array(history, { maxLength: 12 }),
        fc.integer({ min: 1, max: 60 }),
        filters,
        fc.constantFrom(...catalogs),
        async (histories, k, filter, catalog) => {
          const single = { ...catalog, active: new ActiveModel(catalog.active.model, catalog.active.served) };
          const lists = await listsOf(catalog, histories, { k, filter });
          for (const [place, list] of lists.entries()) {
            const alone = await one.forHistory(single, histories[place]!, { k, filter });
            const idsOf = ({ items: ranked }: typeof list) =>
              ranked.map(({ itemKey, source }) => [itemKey, source]);
            expect(idsOf(list)).toEqual(idsOf(alone));
            expect(list.reason).toBe(alone.reason);
            for (const [rank, { score }] of list.items.entries())
              expect(score).toBeCloseTo(alone.items[rank]!.score, 4);
          }
        },
      ),
      { numRuns: 30, seed: 9 },
    );
  });

  it('asks the model for many at once, and for each of few', async () => {
    const catalog = await serve('ease');
    const recommend = jest.spyOn(catalog.active.served.recommender, 'recommend');
    const past = (...itemKeys: number[]) => ({
      itemKeys: Int32Array.from(itemKeys),
      values: new Float32Array(itemKeys.length).fill(1),
    });
    const older = { ...past(4, 9), alsoSeen: Int32Array.of(1) };
    await listsOf(catalog, [past(1, 2), past(3), past(5, 6, 7), older], { k: 4 });
    expect(recommend).toHaveBeenCalledTimes(1);
  });

  it('answers no item that has gone since it was ranked', async () => {
    const { toy, ...catalog } = await serve('ease', KNOWN);
    const past = { itemKeys: Int32Array.of(1, 2), values: Float32Array.of(1, 1) };
    const ranking = new BatchRanking(compute);
    const lists = ranking.lists(await ranking.rank(catalog, [past, past], { k: 5 }));
    const keysOf = ({ items: ranked }: Ranking) => ranked.map(({ itemKey }) => itemKey);
    const [first, gone, ...rest] = keysOf((await lists.next()).value as Ranking);
    toy.put(gone!, { ...items[gone!]!, available: false });
    await toy.refresh();
    const after = keysOf((await lists.next()).value as Ranking);
    expect(after).toEqual([first, ...rest, expect.any(Number)]);
  });

  it('ends when it is told to', async () => {
    const catalog = await serve('ease');
    const lists = listsOf(catalog, [NO_HISTORY], { k: 4 }, AbortSignal.abort('end'));
    await expect(lists).rejects.toBe('end');
  });
});
