import { UNKNOWN_GENERATION, type UserRevision } from './user-cache.js';
import { UserChange } from './user-change.js';

const CHANGED = [
  { userId: 'ada', userKey: 0, revision: 2 },
  { userId: 'bob', userKey: 1, revision: 7 },
];

/** A cache of these generations, one after the other, the last one for ever. */
function surroundings(...generations: (string | null)[]) {
  const told: (readonly UserRevision[])[] = [];
  const numGivenUp = { value: 0 };
  const next = () => (generations.length > 1 ? generations.shift() : generations[0]) ?? null;
  const cache = {
    generationNow: () => Promise.resolve(next() ?? UNKNOWN_GENERATION),
    invalidate: (entries: readonly UserRevision[]) => {
      told.push([...entries]);
      return Promise.resolve(next());
    },
  };
  const change = new UserChange(cache, {
    addressOf: (userId) => ({ catalogId: 'default', cacheEpoch: 0, userId }),
    giveUpAll: () => {
      numGivenUp.value++;
      return Promise.resolve();
    },
  });
  return { change, told, numGivenUp };
}

describe('users whom one transaction changes', () => {
  it('are told of once where the cache has lost nothing by the commit', async () => {
    const { change, told, numGivenUp } = surroundings('a');
    expect(await change.beforeCommit(CHANGED)).toBe(true);
    await change.afterCommit();
    expect(told).toEqual([
      CHANGED.map(({ userId, revision }) => ({
        address: { catalogId: 'default', cacheEpoch: 0, userId },
        revision,
      })),
    ]);
    expect(numGivenUp.value).toBe(0);
  });

  it.each([
    ['has lost it', ['a', 'b', 'b', 'b']],
    ['was away for a moment', ['a', null, 'a', 'a']],
    ['has lost it again', ['a', 'b', 'b', 'c', 'c', 'c']],
  ])('are told of again after the commit where the cache %s', async (_, generations) => {
    const { change, told, numGivenUp } = surroundings(...generations);
    await change.beforeCommit(CHANGED);
    await change.afterCommit();
    expect(told.length).toBe(generations.length / 2);
    expect(told.at(-1)).toEqual(told[0]);
    expect(numGivenUp.value).toBe(0);
  });

  it('are given up with all others where the cache cannot be told again', async () => {
    const { change, numGivenUp } = surroundings('a', null);
    await change.beforeCommit(CHANGED);
    await change.afterCommit();
    expect(numGivenUp.value).toBe(1);
  });

  it('are told of again where two batches of them were told in two generations', async () => {
    const { change, told } = surroundings('a', 'b', 'b', 'b');
    await change.beforeCommit(CHANGED.slice(0, 1));
    await change.beforeCommit(CHANGED.slice(1));
    await change.afterCommit();
    expect(told.at(-1)).toHaveLength(2);
  });

  it('are left to the transaction where the cache cannot be told before it commits', async () => {
    const { change, told, numGivenUp } = surroundings(null);
    expect(await change.beforeCommit(CHANGED)).toBe(false);
    await change.afterCommit();
    expect([told.length, numGivenUp.value]).toEqual([1, 0]);
  });
});
