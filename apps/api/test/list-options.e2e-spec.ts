import { TestService, twoTastes } from '../../../test/support/api.js';

interface Item {
  readonly itemId: string;
  readonly score: number;
  readonly source: string;
}

describe('what a request can say about its list', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis: false });
  });
  afterAll(() => service.stop());

  const listOf = async (userId: string, options: Record<string, string | number> = {}) =>
    (await service.get(`users/${userId}/recommendations?${new URLSearchParams(toText(options))}`)).body;
  const basket = async (options: object) =>
    (
      await service.send('POST', 'recommendations', {
        items: [{ itemId: 'item-0' }, { itemId: 'item-2' }],
        ...options,
      })
    ).body;
  const ids = (reply: { items: Item[] }) => reply.items.map(({ itemId }) => itemId);

  it('says of an empty catalogue that there is nothing in it', async () => {
    expect(await listOf('ada')).toMatchObject({ items: [], reason: 'no-items-exist', exact: true });
    expect((await service.get('popular')).body.reason).toBe('no-items-exist');
  });

  it('says that there is no model yet, or that it does not know the item', async () => {
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.send('POST', 'items', {
      items: Array.from({ length: 24 }, (_, n) => ({
        itemId: `item-${n}`,
        title: `Item ${n}`,
        tags: [n % 2 === 0 ? 'even' : 'odd', ...(n % 3 === 0 ? ['three'] : [])],
        metadata: { year: 1980 + n, genre: n < 12 ? 'drama' : 'comedy' },
      })),
    });
    expect((await service.get('items/item-0/similar')).body).toMatchObject({ items: [], reason: 'no-model' });
    await service.train();
    await service.send('PUT', 'items/brand-new', { title: 'Brand new' });
    expect((await service.get('items/brand-new/similar')).body).toMatchObject({
      items: [],
      reason: 'item-not-in-model',
      exact: true,
    });
  });

  it('gives no reason for a full list, and one for every short list', async () => {
    expect((await listOf('user-0', { k: 5 })).reason).toBeUndefined();
    expect((await listOf('user-0', { k: 1_000 })).reason).toBe('fewer-items-exist');
    expect((await listOf('user-0', { k: 20 })).reason).toBe('fewer-items-left-unseen');
    expect((await listOf('user-0', { k: 17, exclude: 'item-1' })).reason).toBe(
      'fewer-items-left-after-exclude',
    );
    const everything = (await listOf('nobody', { k: 1_000 })).items.map(({ itemId }: Item) => itemId);
    expect(await basket({ exclude: everything })).toMatchObject({
      items: [],
      reason: 'no-items-left-after-exclude',
    });
    expect(await basket({ items: everything.map((itemId: string) => ({ itemId })) })).toMatchObject({
      items: [],
      reason: 'no-items-left-unseen',
    });
    expect((await service.get('items/item-0/similar?k=20')).body.reason).toBe('fewer-items-related');
  });

  it('answers no item below minScore, and none that only fills the list up', async () => {
    const all = await listOf('user-0', { k: 24 });
    const personal = all.items.filter(({ source }: Item) => source === 'model');
    expect(personal.length).toBeGreaterThan(1);
    expect(personal.length).toBeLessThan(all.items.length);
    const [{ score }] = personal;
    expect(personal.at(-1).score).toBeLessThan(score);
    const cut = await listOf('user-0', { k: personal.length, minScore: score });
    expect(cut.items).toEqual(personal.filter((item: Item) => item.score >= score));
    expect(cut.reason).toBe('fewer-items-left-after-min-score');
    expect(await listOf('user-0', { minScore: 1_000 })).toMatchObject({
      items: [],
      reason: 'no-items-left-after-min-score',
    });
    expect((await listOf('user-0', { k: 24, minScore: 0 })).items).toEqual(all.items);
    const popular = (await service.get('popular?k=24&minScore=11')).body.items;
    expect(popular.every((item: Item) => item.score >= 11)).toBe(true);
    const related = (await service.get('items/item-0/similar')).body.items;
    const near = (await service.get(`items/item-0/similar?minScore=${related[0].score}`)).body;
    expect(ids(near)[0]).toBe(related[0].itemId);
    expect(near.items.every((item: Item) => item.score >= related[0].score)).toBe(true);
  });

  it('writes out the properties that are asked for, as they are now', async () => {
    const [first] = (await listOf('user-0', { k: 1, fields: 'title,tags,metadata' })).items;
    const { title, tags, metadata } = (await service.get(`items/${first.itemId}`)).body;
    expect(first).toMatchObject({ title, tags, metadata });
    expect((await listOf('user-0', { k: 1 })).items[0]).toEqual({
      itemId: first.itemId,
      title,
      score: first.score,
      source: 'model',
    });
    await service.send('PUT', `items/${first.itemId}`, { title, tags: [...tags, 'new'], metadata });
    const [again] = (await listOf('user-0', { k: 1, fields: 'tags' })).items;
    expect(again).toEqual({
      itemId: first.itemId,
      tags: [...tags, 'new'],
      score: first.score,
      source: 'model',
    });
    const [described] = (await basket({ k: 1, fields: ['metadata'] })).items;
    expect(Object.keys(described)).toEqual(['itemId', 'metadata', 'score', 'source']);
  });
});

function toText(options: Record<string, string | number>): Record<string, string> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]));
}
