import { TestService, twoTastes } from '../../../test/support/api.js';
import { describeOnBackends } from '../../../test/support/redis.js';

describeOnBackends('items that a user has seen', ({ redis }) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.train();
  });
  afterAll(() => service.stop());

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
    await post(['item-0', 'eat', 31], ['item-2', 'eat', 29], ['item-4', 'drink', 3], ['item-6', 'buy', 400]);
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
