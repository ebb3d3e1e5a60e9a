import fc from 'fast-check';
import { CatalogsRepository, InteractionTypesRepository, SnapshotReader, UserBlockReader } from '#data';
import { REPEATS_RULES, type DatedInteraction, type InteractionType } from '#domain';
import { TestData } from './testing/test-data.js';

const DAY_MS = 86_400_000;
const NAMES = ['play', 'rate', 'view'];

const typesOf: fc.Arbitrary<InteractionType[]> = fc.tuple(
  ...NAMES.map((name) =>
    fc.record({
      name: fc.constant(name),
      trainingWeight: fc.constantFrom(1, 0.5, 3),
      halfLifeDays: fc.constantFrom(null, 1, 30, 0.01),
      positive: fc.constantFrom(true, true, true, false),
      excludesSeen: fc.boolean(),
      repeatAfterDays: fc.constantFrom(null, 2, 0.5),
      repeats: fc.constantFrom(...REPEATS_RULES),
    }),
  ),
);

/** Few users, items and days, so that pairs repeat and types meet at equal times. */
const eventsOf: fc.Arbitrary<DatedInteraction[]> = fc.uniqueArray(
  fc.record({
    userId: fc.constantFrom('ada', 'bob'),
    itemId: fc.constantFrom('x', 'y'),
    type: fc.constantFrom(...NAMES),
    weight: fc.constantFrom(1, 5, 0.1, 2.5),
    occurredAt: fc.nat(6).map((day) => new Date(Date.UTC(2026, 0, 1 + day))),
  }),
  { minLength: 1, maxLength: 40, selector: (event) => JSON.stringify({ ...event, weight: 0 }) },
);

const timeOf = ({ occurredAt }: DatedInteraction) => occurredAt.getTime();

/** What the interactions of one type count, in the order of time. */
function valueOfType(type: InteractionType, events: readonly DatedInteraction[], newest: number): number {
  const values = [...events]
    .sort((a, b) => timeOf(a) - timeOf(b))
    .map((event) => {
      const halfLives = type.halfLifeDays ? (newest - timeOf(event)) / DAY_MS / type.halfLifeDays : 0;
      const weight = Math.fround(event.weight) * type.trainingWeight;
      return Math.max(1e-37, weight * 2 ** -Math.min(60, halfLives));
    });
  if (type.repeats === 'sum') return values.reduce((sum, value) => sum + value, 0);
  return type.repeats === 'newest' ? values.at(-1)! : Math.max(...values);
}

/** x_ui by the equation of `pairValues`, slowly: by "user item", those of value 0 included. */
function slowMatrix(types: readonly InteractionType[], events: readonly DatedInteraction[]) {
  const matrix = new Map<string, number>();
  for (const { userId, itemId } of events) {
    const row = events.filter((event) => event.userId === userId);
    const pair = row.filter((event) => event.itemId === itemId);
    const newest = Math.max(...row.map(timeOf));
    const isOf = (sign: boolean) => types.filter(({ positive }) => positive === sign);
    const of = ({ name }: InteractionType) => pair.filter(({ type }) => type === name);
    const last = (sign: boolean) => Math.max(...isOf(sign).flatMap(of).map(timeOf));
    const values = isOf(true)
      .filter((type) => of(type).length > 0)
      .map((type) => valueOfType(type, of(type), newest));
    matrix.set(`${userId} ${itemId}`, last(true) > last(false) ? Math.max(...values) : 0);
  }
  return matrix;
}

describe('the user-item matrix', () => {
  const data = TestData.ofSuite();
  let catalogs = 0;

  async function store(types: readonly InteractionType[], events: readonly DatedInteraction[]) {
    const catalogId = `catalog-${catalogs++}`;
    await new CatalogsRepository(data.database).create(catalogId);
    for (const type of types) await new InteractionTypesRepository(data.database).put(catalogId, type);
    await data.interactions.record(catalogId, events);
    return catalogId;
  }

  /** Names by key. */
  async function namesOf(catalogId: string, table: 'users' | 'items', key: string) {
    const { rows } = await data.server.query(
      `SELECT ${key} AS key, external_id FROM ${table} WHERE catalog_id = '${catalogId}'`,
    );
    return new Map<number, string>(rows.map((row) => [row.key, row.external_id]));
  }

  async function snapshotOf(catalogId: string) {
    const { userKeys, itemKeys, indptr, indices, values } = await new SnapshotReader(data.database).load(
      catalogId,
    );
    const users = await namesOf(catalogId, 'users', 'user_key');
    const items = await namesOf(catalogId, 'items', 'item_key');
    const pairs = [...userKeys].flatMap((userKey, row) =>
      Array.from({ length: indptr[row + 1]! - indptr[row]! }, (_, n) => {
        const e = indptr[row]! + n;
        const pair = `${users.get(userKey)} ${items.get(itemKeys[indices[e]!]!)}`;
        return [pair, values[e]!] as const;
      }),
    );
    return new Map(pairs);
  }

  async function historiesOf(catalogId: string) {
    const items = await namesOf(catalogId, 'items', 'item_key');
    const histories = await data.interactions.loadHistories(catalogId, ['ada', 'bob']);
    const pairs = [...histories].flatMap(([userId, { itemKeys, values }]) =>
      [...itemKeys].map((key, place) => [`${userId} ${items.get(key)}`, values[place]!] as const),
    );
    return new Map(pairs);
  }

  /** Of list jobs: made of rows outside of PostgreSQL, to the bit. */
  async function expectEqualBlocks(catalogId: string) {
    const histories = await data.interactions.loadHistories(catalogId, ['ada', 'bob']);
    const all = { fromUserKey: 0, maxUsers: 10 };
    const { users } = await new UserBlockReader(data.database).load(catalogId, all);
    expect(users).toHaveLength(histories.size);
    for (const { userId, history } of users) {
      const { revision: _revision, ...whole } = histories.get(userId)!;
      expect(history).toEqual(whole);
    }
  }

  function expectEqual(found: ReadonlyMap<string, number>, expected: ReadonlyMap<string, number>) {
    expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [pair, value] of expected) {
      if (value === 0) expect([pair, found.get(pair)]).toEqual([pair, 0]);
      else expect(found.get(pair)! / value).toBeCloseTo(1, 5);
    }
  }

  it('is that of the equation, in snapshots and histories, whatever the rules of its types', async () => {
    const property = fc.asyncProperty(typesOf, eventsOf, async (types, events) => {
      const catalogId = await store(types, events);
      const expected = slowMatrix(types, events);
      expectEqual(await historiesOf(catalogId), expected);
      await expectEqualBlocks(catalogId);
      expectEqual(await snapshotOf(catalogId), new Map([...expected].filter(([, value]) => value > 0)));
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('has the same bits in whatever order its interactions came', async () => {
    const property = fc.asyncProperty(typesOf, eventsOf, async (types, events) => {
      const [one, other] = [await store(types, events), await store(types, [...events].reverse())];
      expect(await snapshotOf(other)).toEqual(await snapshotOf(one));
      expect(await historiesOf(other)).toEqual(await historiesOf(one));
    });
    await fc.assert(property, { numRuns: 20 });
  });

  it('is the same where another type has a rule of its own', async () => {
    const property = fc.asyncProperty(typesOf, eventsOf, async (types, events) => {
      const plain = types.map((type) => ({ ...type, repeats: 'max' as const }));
      const catalogId = await store(plain, events);
      const snapshots = new SnapshotReader(data.database);
      const before = await snapshots.load(catalogId);
      const spare = { ...plain[0]!, name: 'spare', repeats: 'sum' as const, halfLifeDays: 1 };
      await new InteractionTypesRepository(data.database).put(catalogId, spare);
      expect((await snapshots.load(catalogId)).hash).toBe(before.hash);
    });
    await fc.assert(property, { numRuns: 20 });
  });
});
