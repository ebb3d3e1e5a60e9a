import { TestService, twoTastes } from '../../../test/support/api.js';
import { describeOnBackends } from '../../../test/support/redis.js';

describeOnBackends('a deleted item', ({ redis }) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.train();
  });
  afterAll(() => service.stop());

  const idsOf = async (path: string): Promise<string[]> =>
    (await service.get(path)).body.items.map(({ itemId }: { itemId: string }) => itemId);
  const post = (userId: string, ...itemIds: string[]) =>
    service.send('POST', 'interactions', {
      interactions: itemIds.map((itemId) => ({ userId, itemId, occurredAt: '2026-02-01T00:00:00Z' })),
    });
  const because = async (userId: string) => {
    const { body } = await service.get(`users/${userId}/recommendations?k=5&explain=true`);
    return body.items.flatMap((item: { because?: { itemId: string }[] }) =>
      (item.because ?? []).map(({ itemId }) => itemId),
    );
  };
  const everyList = [
    'users/user-0/recommendations?k=1000',
    'users/newcomer/recommendations?k=1000',
    'users/late/recommendations?k=1000',
    'popular?k=1000',
    'latest?k=1000',
    'popular?k=1000&windowDays=3650',
    'items?limit=500',
  ];

  it('stays deleted for everybody when an interaction comes late, and counts at once when it is put again', async () => {
    expect((await service.send('DELETE', 'items/item-4')).status).toBe(204);
    const numItems = (await idsOf('items?limit=500')).length;
    expect((await post('late', 'item-4', 'item-2')).body).toEqual({ stored: 2, duplicates: 0, merged: 0 });
    expect((await post('late', 'item-4', 'item-2')).body).toEqual({ stored: 0, duplicates: 2, merged: 0 });
    const csv = 'userId,itemId,occurredAt\nlate,item-4,2026-02-02T00:00:00Z\n';
    const imported = await service.send('POST', 'interactions/import', csv, 'text/csv');
    const { summary: _, ...stored } = imported.body;
    expect(stored).toEqual({ stored: 1, duplicates: 0, merged: 0 });
    for (const path of everyList)
      expect([path, (await idsOf(path)).includes('item-4')]).toEqual([path, false]);
    expect((await service.get('items/item-4')).status).toBe(404);
    expect(await idsOf('items?limit=500')).toHaveLength(numItems);
    expect(await because('late')).not.toContain('item-4');

    expect((await service.send('PUT', 'items/item-4', { title: 'Four' })).status).toBe(201);
    expect(await because('late')).toContain('item-4');
    expect(await idsOf('users/late/recommendations?k=1000')).not.toContain('item-4');
    expect(await idsOf('users/newcomer/recommendations?k=1000')).toContain('item-4');
  });

  it('is trained on again with what came while it was away, and on nothing of it before', async () => {
    await service.send('DELETE', 'items/item-6');
    await post('late', 'item-6');
    const away = await service.train();
    expect(away).toMatchObject({ status: 'succeeded' });
    const sizeOf = async (modelId: string): Promise<number> =>
      (await service.get(`models/${modelId}`)).body.numInteractions;
    const before = await sizeOf(away.modelId);
    await service.send('POST', 'items', { items: [{ itemId: 'item-6' }] });
    const back = await service.train();
    expect(await sizeOf(back.modelId)).toBe(before + 1);
  });
});
