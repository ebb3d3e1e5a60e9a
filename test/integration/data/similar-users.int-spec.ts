import { ConsentsRepository, InteractionTypesRepository, SimilarUsersRepository } from '#data';
import { REPEATS_RULES, type InteractionType } from '#domain';
import { seededRandom } from '#models';
import { TestData } from './testing/test-data.js';

const USERS = 25;
const VIEW: InteractionType = {
  name: 'view',
  trainingWeight: 2,
  halfLifeDays: 20,
  positive: true,
  excludesSeen: true,
  repeatAfterDays: null,
  repeats: 'max',
};

describe('similar users in PostgreSQL', () => {
  const data = TestData.ofSuite();
  const similar = () => new SimilarUsersRepository(data.database);
  const nearestOf = async (userId: string, k: number) => {
    const found = await similar().findNearest('default', userId, k);
    if (typeof found === 'string') throw new Error(found);
    return found;
  };

  beforeAll(async () => {
    const random = seededRandom(11);
    const below = (n: number) => Math.floor(random() * n);
    const rows = Array.from({ length: 220 }, () => ({
      userId: `user-${below(USERS)}`,
      itemId: `item-${below(40)}`,
      type: random() < 0.8 ? 'view' : 'dislike',
      weight: 1 + below(5),
      occurredAt: new Date(Date.UTC(2026, 0, 1 + below(60))),
    }));
    await data.interactions.record('default', [
      ...rows,
      { ...rows[0]!, userId: 'alone', itemId: 'alone', type: 'view' },
    ]);
    const types = new InteractionTypesRepository(data.database);
    await types.put('default', VIEW);
    await types.put('default', {
      name: 'dislike',
      trainingWeight: 1,
      halfLifeDays: null,
      positive: false,
      excludesSeen: true,
      repeatAfterDays: null,
      repeats: 'max',
    });
  });
  it.each(REPEATS_RULES)(
    'are those of largest cosine of the histories that lists are made from, with repeats %s',
    async (repeats) => {
      await new InteractionTypesRepository(data.database).put('default', { ...VIEW, repeats });
      const names = Array.from({ length: USERS }, (_, n) => `user-${n}`);
      const histories = await data.interactions.loadHistories('default', names);
      const rowOf = (name: string) => {
        const { itemKeys, values } = histories.get(name)!;
        return new Map([...itemKeys].map((key, place) => [key, values[place]!]));
      };
      const norm = (row: Map<number, number>) =>
        Math.sqrt([...row.values()].reduce((sum, value) => sum + value * value, 0));
      for (const name of names) {
        const mine = rowOf(name);
        const expected = names
          .filter((other) => other !== name)
          .map((other) => {
            const theirs = rowOf(other);
            const dot = [...mine].reduce((sum, [key, value]) => sum + value * (theirs.get(key) ?? 0), 0);
            return dot > 0 ? dot / (norm(mine) * norm(theirs)) : 0;
          })
          .filter((score) => score > 0)
          .sort((a, b) => b - a);
        const found = await nearestOf(name, 1_000);
        expect(found).toHaveLength(expected.length);
        found.forEach(({ score }, rank) => expect(score).toBeCloseTo(expected[rank]!, 5));
        expect(await nearestOf(name, 3)).toEqual(found.slice(0, 3));
      }
    },
  );

  it('are none for who has said no, who is like nobody either', async () => {
    const consents = new ConsentsRepository(data.database);
    const before = await nearestOf('user-1', 1_000);
    const { userId } = before[0]!;
    await consents.put('default', userId, { training: true, personal: false });
    expect(await nearestOf('user-1', 1_000)).toEqual(before.slice(1));
    expect(await similar().findNearest('default', userId, 5)).toBe('no-consent');
    await consents.put('default', userId, { training: false, personal: true });
    expect(await nearestOf('user-1', 1_000)).toEqual(before);
  });

  it('are none for someone who shares nothing, and for nobody', async () => {
    expect(await similar().findNearest('default', 'alone', 5)).toEqual([]);
    expect(await similar().findNearest('default', 'nobody', 5)).toBe('unknown-user');
  });
});
