import {
  ConsentsRepository,
  InteractionTypesRepository,
  PopularItemsRepository,
  UserAttributesRepository,
} from '#data';
import type { DatedInteraction } from '#domain';
import { seededRandom } from '#models';
import { TestData } from './testing/test-data.js';

const TO = new Date('2026-06-01T00:00:00.000Z');
const DAY_MS = 86_400_000;
const TYPES = ['view', 'buy', 'dislike'];

/** Users with the tag `member`, and one of them who has said no. */
const [GROUP, REFUSING] = [['user-1', 'user-2', 'user-3', 'user-11'], 'user-4'];

describe('popularity counted in PostgreSQL', () => {
  const data = TestData.ofSuite();
  let rows: DatedInteraction[];

  beforeAll(async () => {
    const random = seededRandom(7);
    const below = (n: number) => Math.floor(random() * n);
    rows = Array.from({ length: 600 }, () => ({
      userId: `user-${below(30)}`,
      itemId: `item-${below(25)}`,
      type: TYPES[below(3)]!,
      weight: 1,
      occurredAt: new Date(TO.getTime() - (below(100) - 5) * DAY_MS),
    }));
    await data.interactions.record('default', rows);
    await new InteractionTypesRepository(data.database).put('default', {
      name: 'dislike',
      trainingWeight: 1,
      halfLifeDays: null,
      positive: false,
      excludesSeen: true,
      repeatAfterDays: null,
      repeats: 'max',
    });
    const attributes = new UserAttributesRepository(data.database);
    for (const userId of [...GROUP, REFUSING, 'user-without'])
      await attributes.put('default', userId, { tags: ['other', 'member'], metadata: {} });
    const consents = new ConsentsRepository(data.database);
    await consents.put('default', REFUSING, { training: true, personal: false });
  });
  /** The slow twin. */
  const naive = (
    from: Date | null,
    halfLifeDays: number | null,
    types: readonly string[],
    isCounted: (userId: string) => boolean = () => true,
  ) => {
    const newest = new Map<string, Date>();
    for (const { userId, itemId, type, occurredAt } of rows) {
      if (!isCounted(userId)) continue;
      if (!types.includes(type) || occurredAt > TO || (from && occurredAt <= from)) continue;
      const pair = JSON.stringify([itemId, userId]);
      const known = newest.get(pair);
      if (!known || known < occurredAt) newest.set(pair, occurredAt);
    }
    const scores = new Map<string, number>();
    for (const [pair, at] of newest) {
      const [itemId] = JSON.parse(pair) as [string];
      const ageDays = (TO.getTime() - at.getTime()) / DAY_MS;
      const part = halfLifeDays === null ? 1 : 2 ** (-ageDays / halfLifeDays);
      scores.set(itemId, (scores.get(itemId) ?? 0) + part);
    }
    return scores;
  };

  it.each([
    [null, null, null],
    [null, 10, null],
    [30, null, null],
    [30, 3, ['buy']],
    [60, 0.5, ['dislike', 'view']],
    [7, 0.001, null],
    [30, null, ['no such type']],
    [null, null, null, 'member'],
    [60, 5, ['buy'], 'member'],
    [null, null, null, 'nobody'],
  ] as const)('is the sum over users, window %p days, half-life %p, types %p, of %p', async (...wish) => {
    const [days, halfLifeDays, types, userTag = null] = wish;
    const from = days === null ? null : new Date(TO.getTime() - days * DAY_MS);
    const counted = await new PopularItemsRepository(data.database).count('default', {
      from,
      to: TO,
      halfLifeDays,
      types,
      userTag,
    });
    const isCounted = (userId: string) =>
      userTag === null || (userTag === 'member' && GROUP.includes(userId));
    const expected = naive(from, halfLifeDays, types ?? ['view', 'buy'], isCounted);
    const { rows: items } = await data.server.query('SELECT item_key, external_id FROM items');
    const keyOf = new Map(items.map((row) => [String(row.external_id), Number(row.item_key)]));
    const scores = new Map([...counted.itemKeys].map((key, rank) => [key, counted.scores[rank]!]));
    expect(scores.size).toBe(expected.size);
    for (const [itemId, score] of expected) expect(scores.get(keyOf.get(itemId)!)).toBeCloseTo(score, 4);
    const order = [...counted.itemKeys.keys()];
    const sorted = order.toSorted(
      (a, b) => counted.scores[b]! - counted.scores[a]! || counted.itemKeys[a]! - counted.itemKeys[b]!,
    );
    expect(sorted).toEqual(order);
  });
});
