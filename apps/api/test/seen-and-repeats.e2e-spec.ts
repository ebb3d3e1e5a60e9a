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

describeOnBackends('what a user did before', ({ redis }) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.train();
  });
  afterAll(() => service.stop());

  describe('items that a user has seen', () => {
    const listOf = async (query = 'k=100'): Promise<string[]> => {
      const { body } = await service.get(`users/eve/recommendations?${query}`);
      return body.items.map(({ itemId }: { itemId: string }) => itemId);
    };
    const record = (type: string, ...itemIds: string[]) =>
      service.send('POST', 'interactions', {
        interactions: itemIds.map((itemId) => ({ userId: 'eve', itemId, type })),
      });

    it('come back, scored by the model, as soon as their type says so, and go again at once', async () => {
      await record('peek', 'item-0', 'item-2', 'item-4');
      await record('buy', 'item-2');
      expect(await listOf()).not.toContain('item-0');
      const { status, body } = await service.send('PUT', 'interaction-types/peek', { excludesSeen: false });
      expect([status, body.excludesSeen]).toEqual([200, false]);
      const lists = await Promise.all([listOf(), listOf(), listOf('k=100&boost=score')]);
      for (const list of lists) {
        expect(list).toEqual(expect.arrayContaining(['item-0', 'item-4']));
        expect(list).not.toContain('item-2');
        expect(new Set(list).size).toBe(list.length);
      }
      const { items } = (await service.get('users/eve/recommendations?k=100')).body;
      expect(items.find(({ itemId }: { itemId: string }) => itemId === 'item-0').source).toBe('model');
      await record('buy', 'item-0');
      expect(await listOf()).not.toContain('item-0');
      await service.send('PUT', 'interaction-types/peek', { excludesSeen: true });
      expect(await listOf()).not.toContain('item-4');
    });

    it('still feed the model, and a basket leaves out all that is in it', async () => {
      await service.send('PUT', 'interaction-types/peek', { excludesSeen: false });
      await service.send('POST', 'interactions', {
        interactions: ['item-1', 'item-3'].map((itemId) => ({ userId: 'odd', itemId, type: 'peek' })),
      });
      const { items } = (await service.get('users/odd/recommendations?k=4')).body;
      expect(items).toHaveLength(4);
      for (const { itemId, source } of items) {
        expect(source).toBe('model');
        expect(Number(itemId.split('-')[1]) % 2).toBe(1);
      }
      const basket = { items: [{ itemId: 'item-1' }, { itemId: 'item-3' }], k: 100 };
      const answered = (await service.send('POST', 'recommendations', basket)).body.items;
      expect(answered.length).toBeGreaterThan(0);
      for (const { itemId } of answered) expect(['item-1', 'item-3']).not.toContain(itemId);
    });

    it('come back so many days after the newest interaction of their type, in every list', async () => {
      await service.send('PUT', 'interaction-types/eat', { repeatAfterDays: 30 });
      await service.send('PUT', 'interaction-types/drink', { repeatAfterDays: 2 });
      const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
      const post = (...rows: [itemId: string, type: string, days: number][]) =>
        service.send('POST', 'interactions', {
          interactions: rows.map(([itemId, type, days]) => ({
            ...{ userId: 'eater', itemId, type, occurredAt: daysAgo(days) },
          })),
        });
      await post(
        ['item-0', 'eat', 31],
        ['item-2', 'eat', 29],
        ['item-4', 'drink', 3],
        ['item-6', 'buy', 400],
      );
      await post(
        ['item-8', 'eat', 31],
        ['item-8', 'drink', 1],
        ['item-10', 'eat', 31],
        ['item-10', 'buy', 400],
      );
      await post(['item-12', 'eat', 90], ['item-12', 'eat', 5]);
      const past = ['item-0', 'item-2', 'item-4', 'item-6', 'item-8', 'item-10', 'item-12'];
      const backIn = (items: { itemId: string }[]) =>
        items.map(({ itemId }) => itemId).filter((itemId) => past.includes(itemId));
      const listed = async (query: string) =>
        (await service.get(`users/eater/recommendations?k=100&${query}`)).body;
      const whole = await listed('explain=true');
      expect(backIn(whole.items).sort()).toEqual(['item-0', 'item-4']);
      expect(whole.items.find(({ itemId }: { itemId: string }) => itemId === 'item-0').source).toBe('model');
      for (const query of ['', '', 'boost=score', 'paging=true', 'rotation=0', 'minScore=-1'])
        expect(backIn((await listed(query)).items).sort()).toEqual(['item-0', 'item-4']);
      expect(backIn((await listed('without=item-0')).items).sort()).toEqual(['item-0', 'item-4']);
      const requests = [{ userId: 'eater', k: 100 }];
      const batch = (await service.send('POST', 'recommendations/batch', { requests })).body;
      expect(backIn(JSON.parse(batch).items).sort()).toEqual(['item-0', 'item-4']);
      const rank = await service.send('POST', 'recommendations/rank', { userId: 'eater', candidates: past });
      expect(backIn(rank.body.items).sort()).toEqual(['item-0', 'item-4']);
      const seen = past.filter((itemId) => itemId !== 'item-0' && itemId !== 'item-4');
      expect(rank.body.leftOut).toEqual(seen.map((itemId) => ({ itemId, reason: 'seen' })));
      await post(['item-0', 'eat', 0]);
      expect(backIn((await listed('')).items)).toEqual(['item-4']);
      await service.send('PUT', 'interaction-types/drink', {});
      expect(backIn((await listed('')).items)).toEqual([]);
      await service.send(
        'PATCH',
        'interaction-types/eat',
        { repeatAfterDays: 0.01 },
        'application/merge-patch+json',
      );
      expect(backIn((await listed('')).items).sort()).toEqual(['item-12', 'item-2']);
    });
  });

  describe('repeated interactions', () => {
    let database: Database;

    beforeAll(() => {
      database = Database.connect(service.database.url);
    });
    afterAll(() => database.close());

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
});
