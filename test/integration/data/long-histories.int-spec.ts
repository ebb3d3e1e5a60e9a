import { InteractionTypesRepository, UserBlockReader } from '#data';
import type { DatedInteraction } from '#domain';
import { seededRandom } from '#models';
import { TestData } from './testing/test-data.js';

const SIZES = [0, 1, 999, 1_000, 1_001, 5_000];
/** The most recent items that a history has. */
const HISTORY_ITEMS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Both are exact as float32. */
const REPEAT_DAYS = { eat: 0.5, drink: 3 };

/** All interactions of a pair, as a twin that knows nothing of SQL sees them. */
interface Pair {
  readonly itemKey: number;
  readonly newest: number;
  /** When it may be answered again; -Infinity: it always may. */
  readonly opensAt: number;
}

describe('histories of any length in PostgreSQL', () => {
  const data = TestData.ofSuite();
  const random = seededRandom(7);
  const stored: DatedInteraction[] = [];

  beforeAll(async () => {
    const types = new InteractionTypesRepository(data.database);
    await types.put('default', { ...TYPE, name: 'peek', excludesSeen: false, repeats: 'max' });
    await types.put('default', { ...TYPE, name: 'skip', positive: false });
    await types.put('default', { ...TYPE, name: 'eat', repeatAfterDays: REPEAT_DAYS.eat });
    await types.put('default', {
      ...TYPE,
      name: 'drink',
      repeatAfterDays: REPEAT_DAYS.drink,
      repeats: 'max',
    });
    for (const size of SIZES) for (let item = 0; item < size; item++) addPair(`user-${size}`, item);
    for (let start = 0; start < stored.length; start += 10_000)
      await data.interactions.record('default', stored.slice(start, start + 10_000));
  });
  /** Of one to three types, at times of which many are equal. */
  function addPair(userId: string, item: number): void {
    // Of many pairs no type takes the item out for good.
    const lasting = random() < 0.3 ? ['buy', 'skip'] : [];
    const types = [...lasting, 'peek', 'eat', 'drink'].filter(() => random() < 0.5);
    for (const type of types.length > 0 ? types : ['peek'])
      stored.push({
        userId,
        itemId: `item-${item}`,
        type,
        weight: 1,
        occurredAt: new Date(Date.UTC(2026, 0, 1) + Math.floor(2_000 * random()) * MINUTE_MS),
      });
  }

  async function pairsOf(userId: string): Promise<Pair[]> {
    const { rows } = await data.server.query('SELECT external_id, item_key FROM items');
    const keys = new Map(rows.map((row) => [row.external_id as string, row.item_key as number]));
    const pairs = new Map<number, Pair>();
    for (const { itemId, occurredAt, type } of stored.filter((one) => one.userId === userId)) {
      const itemKey = keys.get(itemId)!;
      const known = pairs.get(itemKey);
      pairs.set(itemKey, {
        itemKey,
        newest: Math.max(known?.newest ?? 0, occurredAt.getTime()),
        opensAt: Math.max(known?.opensAt ?? -Infinity, opensAt(type, occurredAt.getTime())),
      });
    }
    return [...pairs.values()].sort((a, b) => b.newest - a.newest || a.itemKey - b.itemKey);
  }

  const isExcluded = ({ opensAt }: Pair) => opensAt > -Infinity;
  const ascending = (pairs: readonly Pair[]) => pairs.map(({ itemKey }) => itemKey).sort((a, b) => a - b);

  it.each([
    [4, 400_000],
    [100, 400_000],
    [100, 1_200],
  ])('are the same in blocks of %d users and %d rows', async (maxUsers, maxRows) => {
    await data.server.query(
      `INSERT INTO refusals SELECT catalog_id, user_key, false, true FROM users WHERE external_id = 'user-999'`,
    );
    await data.server.query(
      `INSERT INTO users SELECT catalog_id, 1000, 'newcomer' FROM users LIMIT 1 ON CONFLICT DO NOTHING`,
    );
    const reader = new UserBlockReader(data.database);
    const read = new Map<string, object>();
    for (let next: number | null = 0; next !== null;) {
      const block = await reader.load('default', { fromUserKey: next, maxUsers, maxRows });
      for (const { userId, history } of block.users) read.set(userId, history);
      next = block.nextUserKey;
    }
    const { rows } = await data.server.query('SELECT external_id AS id FROM users ORDER BY user_key');
    const userIds = rows.map(({ id }) => id as string);
    expect([...read.keys()]).toEqual(userIds);
    const histories = await data.interactions.loadHistories('default', userIds);
    for (const [userId, { revision: _revision, ...history }] of histories)
      expect([userId, read.get(userId)]).toEqual([userId, history]);
    await data.server.query('DELETE FROM refusals');
  });

  it.each(SIZES)(
    'have the newest thousand items, and beside them all others that must not be answered: %d items',
    async (size) => {
      const pairs = await pairsOf(`user-${size}`);
      const histories = await data.interactions.loadHistories('default', [`user-${size}`]);
      const history = histories.get(`user-${size}`);
      expect(history === undefined).toBe(size === 0);
      const [recent, older] = [pairs.slice(0, HISTORY_ITEMS), pairs.slice(HISTORY_ITEMS)];
      expect([...(history?.itemKeys ?? [])]).toEqual(ascending(recent));
      expect([...(history?.repeatable ?? [])]).toEqual(ascending(recent.filter((pair) => !isExcluded(pair))));
      expect([...(history?.alsoSeen ?? [])]).toEqual(ascending(older.filter(isExcluded)));
      expect(history !== undefined && 'alsoSeen' in history).toBe(older.some(isExcluded));
      const returning = pairs.filter((pair) => isExcluded(pair) && pair.opensAt < Infinity);
      returning.sort((a, b) => a.itemKey - b.itemKey);
      expect([...(history?.returning?.itemKeys ?? [])]).toEqual(ascending(returning));
      expect([...(history?.returning?.at ?? [])]).toEqual(returning.map(({ opensAt }) => opensAt));
      expect(history !== undefined && 'returning' in history).toBe(returning.length > 0);
    },
  );
});

function opensAt(type: string, occurredAt: number): number {
  if (type === 'peek') return -Infinity;
  return type === 'eat' || type === 'drink' ? occurredAt + REPEAT_DAYS[type] * DAY_MS : Infinity;
}

const TYPE = {
  trainingWeight: 1,
  halfLifeDays: null,
  positive: true,
  excludesSeen: true,
  repeatAfterDays: null,
  repeats: 'max',
} as const;
