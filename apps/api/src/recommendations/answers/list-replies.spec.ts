import fc from 'fast-check';
import type { ItemsRepository } from '#data';
import type { ServedItem } from '#domain';
import { CatalogItems, SHORTFALLS, SOURCES } from '#ranking';
import type { AnswerCounts } from '../../serving/answer-counts.js';
import type { ItemProperties } from '../../serving/items/item-properties.js';
import { ITEM_FIELDS } from '../http/dto/list-options.dto.js';
import { ListReplies } from './list-replies.js';
import { ListTimes } from './list-times.js';

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
const score = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1, 1e-7, 2 ** -149, 123_456_792, 1e21),
);

/** Lists of a few items, with all that an answer can say beside them. */
const lists = fc.record({
  titles: fc.array(fc.option(text), { maxLength: 30 }),
  scores: fc.array(score, { minLength: 30, maxLength: 30 }),
  sources: fc.array(fc.constantFrom(...SOURCES), { minLength: 30, maxLength: 30 }),
  baseScore: optional(score),
  because: optional(fc.array(fc.record({ itemId: text, part: score }), { maxLength: 3 })),
  reason: optional(fc.constantFrom(...SHORTFALLS)),
  unknownItems: fc.array(text, { maxLength: 2 }),
  nextCursor: fc.option(text),
  modelId: optional(fc.option(text)),
  fields: fc.subarray([...ITEM_FIELDS]),
});

const noItems = {} as unknown as ItemsRepository;
const counts = { add: () => undefined } as unknown as AnswerCounts;
const properties = {
  find: (_: string, items: readonly ServedItem[]) =>
    Promise.resolve(items.map(({ itemId }) => ({ tags: [itemId], metadata: { [itemId]: 1 } }))),
} as unknown as ItemProperties;
const replies = new ListReplies(properties, counts, new ListTimes());

const withoutId = (json: string) => json.replace(/("recommendationId":")[^"]*/, '$1');

describe('answers', () => {
  it('are the same JSON whether they are written at once or by way of an object', async () => {
    await fc.assert(
      fc.asyncProperty(lists, async ({ titles, scores, sources, baseScore, because, fields, ...beside }) => {
        const now = { id: 'c', items: new CatalogItems(noItems, 'c'), active: null };
        const items = titles.map((title, itemKey) => ({
          itemKey,
          score: scores[itemKey]!,
          source: sources[itemKey]!,
          ...(itemKey % 3 === 2 && { baseScore, because }),
          item: { itemKey, itemId: `id ${itemKey} "☃"`, title, available: true },
        }));
        const made = {
          now,
          ranking: { items, reason: beside.reason },
          ...beside,
          startedAt: 0,
          modelId: beside.modelId ?? null,
          isPreview: false,
        };
        for (const asked of [fields, ['title' as const]])
          for (let again = 0; again < 2; again++)
            expect(withoutId(await replies.writeJson(made, asked))).toBe(
              withoutId(JSON.stringify(await replies.write(made, asked))),
            );
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it('have the new title of an item that was changed', async () => {
    let [revision, title] = [1, 'old'];
    const repository = {
      findServedSince: () =>
        Promise.resolve({
          revision,
          changed: [{ itemKey: 0, itemId: 'a', title, available: true, deleted: false }],
        }),
    } as unknown as ItemsRepository;
    const items = new CatalogItems(repository, 'c');
    const openingNow = async () => {
      await items.refresh();
      return items.openingOf(items.findByKey(0)!);
    };
    expect(await openingNow()).toBe('{"itemId":"a","title":"old","score":');
    [revision, title] = [2, 'new'];
    expect(await openingNow()).toBe('{"itemId":"a","title":"new","score":');
  });
});
