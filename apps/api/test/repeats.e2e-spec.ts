import { Database, SnapshotReader } from '#data';
import type { RepeatsRule } from '#domain';
import { TestService, twoTastes } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';
import { describeOnBackends } from '../../../test/support/redis.js';

interface Explained {
  readonly itemId: string;
  readonly because: readonly { readonly itemId: string; readonly part: number }[];
}

const dayOf = (day: number) => new Date(Date.UTC(2026, 0, day)).toISOString();
/** What item-0 has to do with a list that has item-22. */
const partIn = (items: readonly Explained[]): number => {
  const { because } = items.find(({ itemId }) => itemId === 'item-22')!;
  return because.find(({ itemId }) => itemId === 'item-0')!.part;
};

describeOnBackends('repeated interactions', ({ redis }) => {
  let service: TestService;
  let database: Database;

  beforeAll(async () => {
    service = await TestService.start({ redis });
    database = Database.connect(service.database.url);
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.train();
  });
  afterAll(async () => {
    await database.close();
    await service.stop();
  });

  const say = (type: string, repeats: RepeatsRule) =>
    service.send('PUT', `interaction-types/${type}`, { repeats });
  const record = (userId: string, type: string, weight: number, day: number) =>
    service.send('POST', 'interactions', {
      interactions: [{ userId, itemId: 'item-0', type, weight, occurredAt: dayOf(day) }],
    });
  const partOf = async (userId: string) =>
    partIn((await service.get(`users/${userId}/recommendations?k=24&explain=true`)).body.items);
  /** x_ui of item-0, the item that came first. */
  const valueOf = async (userId: string) => {
    const { rows } = await service.database.query(
      `SELECT user_key FROM users WHERE external_id = '${userId}'`,
    );
    const { userKeys, indptr, values } = await new SnapshotReader(database).load('default');
    return values[indptr[userKeys.indexOf(rows[0].user_key)]!]!;
  };
  const hash = async () => (await new SnapshotReader(database).load('default')).hash;

  it('count as the newest of them where their type says so: a rating of 5 lowered to 1 counts 1', async () => {
    expect((await say('rate', 'newest')).body).toMatchObject({ name: 'rate', repeats: 'newest' });
    await record('critic', 'rate', 5, 1);
    const high = await partOf('critic');
    expect(await valueOf('critic')).toBe(5);
    await record('critic', 'rate', 1, 2);
    expect(await partOf('critic')).toBeCloseTo(high / 5, 5);
    expect(await valueOf('critic')).toBe(1);
  });

  it('count as their sum where their type says so: three plays count 3', async () => {
    await say('play', 'sum');
    await record('fan', 'play', 1, 1);
    const once = await partOf('fan');
    await record('fan', 'play', 1, 2);
    await record('fan', 'play', 1, 3);
    expect(await partOf('fan')).toBeCloseTo(3 * once, 5);
    expect(await valueOf('fan')).toBe(3);
    expect((await service.get('interaction-types')).body.items).toContainEqual(
      expect.objectContaining({ name: 'play', repeats: 'sum' }),
    );
  });

  it('count anew in the next answer, and are trained again, when the rule changes', async () => {
    await service.train();
    expect(await service.train()).toMatchObject({ unchanged: true });
    const [before, sum] = [await hash(), await partOf('fan')];
    await say('play', 'max');
    expect(await partOf('fan')).toBeCloseTo(sum / 3, 5);
    expect(await hash()).not.toBe(before);
    expect(await service.train()).toMatchObject({ unchanged: false, status: 'succeeded' });
    await say('play', 'sum');
    expect(await hash()).toBe(before);
  });

  const basketPart = async (weights: readonly number[], url = service.url) => {
    const items = weights.map((weight) => ({ itemId: 'item-0', weight }));
    const response = await fetch(`${url}/v1/catalogs/default/recommendations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ items, k: 24, explain: true }),
    });
    const body = (await response.json()) as { readonly items: readonly Explained[] };
    return partIn(body.items);
  };

  it('of a basket count as the type `interaction` says, the last one named as the newest', async () => {
    const one = await basketPart([1]);
    const weights = [2, 5, 1];
    expect(await basketPart(weights)).toBeCloseTo(5 * one, 5);
    await say('interaction', 'sum');
    expect(await basketPart(weights)).toBeCloseTo(8 * one, 5);
    await say('interaction', 'newest');
    expect(await basketPart(weights)).toBeCloseTo(one, 5);
    await say('interaction', 'max');
    expect(await basketPart(weights)).toBeCloseTo(5 * one, 5);
  });

  it('of a basket count by the new rule at every process', async () => {
    const other = await service.startAnotherApi();
    try {
      const one = await basketPart([1], other.url);
      for (const [rule, times] of [
        ['sum', 8],
        ['newest', 1],
        ['max', 5],
      ] as const) {
        await say('interaction', rule);
        await waitFor(`the rule ${rule}`, async () => {
          const part = await basketPart([2, 5, 1], other.url);
          return Math.abs(part / one - times) < 1e-4;
        });
      }
    } finally {
      await other.process.kill('SIGTERM');
    }
  });
});
