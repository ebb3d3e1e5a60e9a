import { TestService, twoTastes } from '../../../test/support/api.js';

interface Item {
  readonly itemId: string;
  readonly score: number;
  readonly baseScore?: number;
  readonly source: string;
  readonly because?: readonly { readonly itemId: string; readonly part: number }[];
}

describe('items that the active model has never seen', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis: false });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.send('POST', 'items', {
      items: Array.from({ length: 24 }, (_, n) => ({
        itemId: `item-${n}`,
        tags: [n % 2 === 0 ? 'even' : 'odd'],
      })),
    });
    await service.train();
  });
  afterAll(() => service.stop());

  const listOf = async (options = 'k=100', user = 'user-0') => {
    const { body } = await service.get(`users/${user}/recommendations?${options}`);
    return body as { items: Item[]; reason?: string; exact: boolean };
  };
  const find = ({ items }: { items: Item[] }, itemId: string) => items.find((item) => item.itemId === itemId);

  it('are in the very next list by their tags, for those who like them, and say so', async () => {
    expect(find(await listOf(), 'fresh')).toBeUndefined();
    await service.send('PUT', 'items/fresh', { tags: ['even'] });
    const list = await listOf();
    expect(list.exact).toBe(true);
    expect(find(list, 'fresh')).toMatchObject({ source: 'tags', score: expect.any(Number) });
    const personal = list.items.filter(({ source }) => source === 'model' || source === 'tags');
    const scores = personal.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(list.items.slice(0, personal.length)).toEqual(personal);
    const { score } = find(list, 'fresh')!;
    const other = find(await listOf('k=100', 'user-1'), 'fresh')!;
    expect(other.source === 'tags' ? other.score : 0).toBeLessThan(score);
    expect(find(await listOf(`k=100&minScore=${score}`), 'fresh')?.score).toBe(score);
    expect(find(await listOf('k=100', 'nobody'), 'fresh')?.source).toBe('catalogue');
  });

  it('follow their tags and availability at once', async () => {
    await service.send('PUT', 'items/fresh', { tags: ['even'], available: false });
    expect(find(await listOf(), 'fresh')).toBeUndefined();
    await service.send('PUT', 'items/fresh', { tags: ['never-heard-of'] });
    expect(find(await listOf(), 'fresh')).toMatchObject({ source: 'catalogue', score: 0 });
    await service.send('PUT', 'items/fresh', { tags: ['even', 'never-heard-of'] });
    expect(find(await listOf(), 'fresh')?.source).toBe('tags');
    await service.send('PUT', 'items/item-0', { tags: ['odd', 'never-heard-of'] });
    const before = find(await listOf(), 'fresh')!.score;
    await service.send('PUT', 'items/item-0', { tags: ['even'] });
    expect(find(await listOf(), 'fresh')!.score).not.toBe(before);
    await service.send('DELETE', 'items/fresh');
    expect(find(await listOf(), 'fresh')).toBeUndefined();
    await service.send('PUT', 'items/fresh', { tags: ['even'] });
  });

  it('are explained, boosted, filtered and pinned as others are, in baskets and batches too', async () => {
    const because = find(await listOf('k=100&explain=true'), 'fresh')!;
    const sum = because.because!.reduce((total, { part }) => total + part, 0);
    expect(Math.abs(sum - because.score)).toBeLessThanOrEqual(1e-5 * (1 + because.score));
    const boosted = find(await listOf('k=100&boost=score*2'), 'fresh')!;
    expect(boosted).toMatchObject({ source: 'tags', baseScore: because.score });
    expect(boosted.score).toBeCloseTo(2 * because.score, 6);
    const filter = encodeURIComponent('{"tags":{"any":["odd"]}}');
    expect(find(await listOf(`k=100&filter=${filter}`), 'fresh')).toBeUndefined();
    expect(find(await listOf('k=100&exclude=fresh'), 'fresh')).toBeUndefined();
    const pins = encodeURIComponent('{"fresh":1}');
    expect((await listOf(`k=3&pins=${pins}`)).items[0]).toMatchObject({
      itemId: 'fresh',
      source: 'pinned',
      score: because.score,
    });
    const diverse = await listOf('k=100&diversity=0.5');
    expect(find(diverse, 'fresh')).toMatchObject({ source: 'tags', score: because.score });
    const basket = { items: [{ itemId: 'item-0' }, { itemId: 'item-2' }], k: 100 };
    const answer = (await service.send('POST', 'recommendations', basket)).body;
    expect(find(answer, 'fresh')?.source).toBe('tags');
    const batch = await service.send('POST', 'recommendations/batch', {
      requests: [{ userId: 'user-0', k: 100 }],
    });
    expect(find(JSON.parse(batch.body.trim()), 'fresh')?.score).toBe(because.score);
  });

  it('have similar items by their tags', async () => {
    const { items } = (await service.get('items/fresh/similar?k=5')).body as { items: Item[] };
    expect(items).toHaveLength(5);
    for (const { itemId, source } of items) {
      expect(source).toBe('tags');
      expect(Number(itemId.split('-')[1]) % 2).toBe(0);
    }
    await service.send('PUT', 'items/plain', { title: 'No tags' });
    expect((await service.get('items/plain/similar')).body.reason).toBe('item-not-in-model');
  });

  it('are seen by the model itself after the next training', async () => {
    await service.send('POST', 'interactions', {
      interactions: [2, 4, 6].map((n) => ({ userId: `user-${n}`, itemId: 'fresh' })),
    });
    await service.train({ model: 'ease', parameters: { regularization: 6 } });
    expect(find(await listOf(), 'fresh')?.source).not.toBe('tags');
  });
});
