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
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.send('POST', 'items', {
      items: Array.from({ length: 24 }, (_, n) => ({
        itemId: `item-${n}`,
        title: `Item ${n}`,
        tags: [n % 2 === 0 ? 'even' : 'odd', ...(n % 3 === 0 ? ['three'] : [])],
        metadata: { year: 1980 + n, genre: n < 12 ? 'drama' : 'comedy' },
      })),
    });
    await service.train();
    await service.send('PUT', 'items/brand-new', { title: 'Brand new' });
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
    const catalog = '/v1/catalogs/empty';
    await service.send('PUT', catalog);
    const { body } = await service.get(`${catalog}/users/ada/recommendations`);
    expect(body).toMatchObject({ items: [], reason: 'no-items-exist', exact: true });
    expect((await service.get(`${catalog}/popular`)).body.reason).toBe('no-items-exist');
  });

  it('says that there is no model yet, or that it does not know the item', async () => {
    const catalog = '/v1/catalogs/untrained';
    await service.send('PUT', catalog);
    await service.send('POST', `${catalog}/interactions`, { interactions: twoTastes() });
    const { body } = await service.get(`${catalog}/items/item-0/similar`);
    expect(body).toMatchObject({ items: [], reason: 'no-model' });
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

  describe('a filter', () => {
    const filterOf = (filter: object) => ({ k: 24, filter: JSON.stringify(filter) });
    const numbers = (reply: { items: Item[] }) => ids(reply).map((id) => Number(id.split('-')[1]));

    it('is applied before the k best, to every kind of list', async () => {
      const filter = { tags: { all: ['even'], none: ['three'] }, 'metadata.year': { gte: 1985, lt: 2000 } };
      const isMeant = (n: number) => n % 2 === 0 && n % 3 !== 0 && n >= 5 && n < 20;
      const unfiltered = numbers(await listOf('user-1', { k: 24, exclude: 'brand-new' }));
      const filtered = await listOf('user-1', filterOf(filter));
      expect(numbers(filtered)).toEqual(unfiltered.filter(isMeant));
      expect(numbers(filtered)).toHaveLength(4);
      expect(numbers(await listOf('user-1', { ...filterOf(filter), k: 2 }))).toEqual(
        numbers(filtered).slice(0, 2),
      );
      const popular = await service.get(`popular?${new URLSearchParams(toText(filterOf(filter)))}`);
      expect(numbers(popular.body).every(isMeant)).toBe(true);
      const similar = await service.get(
        `items/item-2/similar?${new URLSearchParams(toText(filterOf(filter)))}`,
      );
      expect(numbers(similar.body).length).toBeGreaterThan(0);
      expect(numbers(similar.body).every(isMeant)).toBe(true);
      const byBody = await basket({ k: 24, filter });
      expect(numbers(byBody).every((n) => isMeant(n) && n !== 0 && n !== 2)).toBe(true);
    });

    it('keeps the list full with items that fill it up, which obey it too', async () => {
      const { items } = await listOf('user-0', {
        ...filterOf({ 'metadata.genre': { in: ['comedy'] } }),
        k: 6,
      });
      expect(items).toHaveLength(6);
      expect(new Set(items.map(({ source }: Item) => source)).size).toBeGreaterThan(1);
    });

    it('knows how items are in the very next call after a change', async () => {
      const filter = filterOf({ tags: { any: ['fresh'] } });
      expect(await listOf('user-0', filter)).toMatchObject({
        items: [],
        reason: 'no-items-left-after-filter',
      });
      await service.send('PUT', 'items/brand-new', { tags: ['fresh'] });
      expect(ids(await listOf('user-0', filter))).toEqual(['brand-new']);
      await service.send('PUT', 'items/brand-new', { tags: [], metadata: { year: 2050 } });
      expect(ids(await listOf('user-0', filter))).toEqual([]);
      expect(ids(await listOf('user-0', filterOf({ 'metadata.year': { gt: 2049 } })))).toEqual(['brand-new']);
    });

    it('counts the days since an item came', async () => {
      expect((await listOf('nobody', filterOf({ ageDays: { lte: 1 }, available: true }))).items).toHaveLength(
        24,
      );
      expect((await listOf('nobody', filterOf({ ageDays: { gt: 1 } }))).reason).toBe(
        'no-items-left-after-filter',
      );
    });

    it('says where it is wrong', async () => {
      const pointersOf = async (filter: unknown) =>
        (await basket({ filter })).errors.map(({ pointer }: { pointer: string }) => pointer);
      expect(
        await pointersOf({
          tags: { any: 'even', some: ['x'] },
          'metadata.year': { gte: [1] },
          'metadata.genre': {},
          colour: 'red',
          available: false,
          ageDays: { lte: '3' },
        }),
      ).toEqual([
        '#/filter/tags/any',
        '#/filter/tags/some',
        '#/filter/metadata.year/gte',
        '#/filter/metadata.genre',
        '#/filter/colour',
        '#/filter/available',
        '#/filter/ageDays/lte',
      ]);
      const many = Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`metadata.m${n}`, { eq: n }]));
      expect(await pointersOf(many)).toEqual(['#/filter']);
      expect(await pointersOf({ tags: { any: Array(101).fill('x') } })).toEqual(['#/filter/tags/any']);
      expect(await pointersOf({ [`metadata.${'x'.repeat(200)}`]: { eq: 1 } })).toHaveLength(1);
      expect(await pointersOf([])).toEqual(['#/filter']);
    });
  });

  describe('a boost', () => {
    it('makes the scores anew before the best are chosen, and says what they were', async () => {
      const plain = await listOf('user-0', { k: 24 });
      const boosted = await listOf('user-0', { k: 24, boost: 'score + 10 * tag("odd")' });
      expect(boosted.items).toHaveLength(plain.items.length);
      const odd = ids(boosted).filter((id) => Number(id.split('-')[1]) % 2 === 1);
      expect(
        ids(boosted)
          .slice(0, 3)
          .every((id) => odd.includes(id)),
      ).toBe(true);
      for (const { itemId, score, baseScore } of boosted.items)
        expect(score - baseScore).toBeCloseTo(odd.includes(itemId) ? 10 : 0, 4);
    });

    it('keeps the reasons of the score before it', async () => {
      const { items } = await basket({ k: 3, explain: true, boost: 'score * 100 + ageDays * 0' });
      for (const { baseScore, because, score } of items) {
        const sum = because.reduce((total: number, { part }: { part: number }) => total + part, 0);
        expect(sum).toBeCloseTo(baseScore, 5);
        expect(score).toBeCloseTo(100 * baseScore, 3);
      }
    });

    it('orders a list for an unknown user too, by what items are', async () => {
      const { items } = await listOf('nobody', { k: 3, boost: 'metadata("year")', exclude: 'brand-new' });
      expect(ids({ items })).toEqual(['item-23', 'item-22', 'item-21']);
      expect(items[0]).toMatchObject({ score: 2003, baseScore: 0, source: 'popular' });
    });

    it('is compared with minScore, and goes with a filter', async () => {
      const options = { boost: 'metadata("year")', filter: { tags: { any: ['odd'] } }, minScore: 2000 };
      const reply = await basket({ k: 20, ...options });
      expect(ids(reply)).toEqual(['item-23', 'item-21']);
      expect(reply.reason).toBe('fewer-items-left-after-filter');
      expect((await basket({ k: 5, ...options })).reason).toBe('fewer-items-left-after-min-score');
      expect((await basket({ k: 5, boost: '0 / 0' })).reason).toBe('no-items-left-after-boost');
    });
  });

  it('makes a list diverse on request: the same at 0, another order and the same first item above it', async () => {
    const plain = await listOf('user-0', { k: 5 });
    expect((await listOf('user-0', { k: 5, diversity: 0 })).items).toEqual(plain.items);
    const diverse = await listOf('user-0', { k: 5, diversity: 0.9 });
    expect(diverse.items[0]).toEqual(plain.items[0]);
    expect(ids(diverse)).not.toEqual(ids(plain));
    expect((await basket({ k: 5, diversity: 1, boost: 'popularity' })).items).toHaveLength(5);
    expect((await basket({ k: 200, diversity: 0.5 })).reason).toBe('fewer-items-exist');
  });

  it('puts pinned items on their places, whatever else the request says, unless they are unavailable', async () => {
    const [own] = (await listOf('user-0', { k: 24 })).items;
    const pins = JSON.stringify({ 'item-0': 1, 'item-23': 3, 'no such item': 2 });
    const filter = JSON.stringify({ tags: { any: ['even'] } });
    const reply = await listOf('user-0', { k: 4, pins, filter });
    expect(ids(reply)).toEqual(['item-0', own.itemId, 'item-23', expect.any(String)]);
    expect(reply.items.map(({ source }: Item) => source)).toEqual(['pinned', 'model', 'pinned', 'model']);
    expect(reply.unknownItems).toEqual(['no such item']);
    await service.send('PUT', 'items/item-23', { available: false, tags: ['odd'] });
    expect(ids(await listOf('user-0', { k: 4, pins, filter }))).not.toContain('item-23');
    await service.send('PUT', 'items/item-23', { tags: ['odd'], metadata: { year: 2003 } });
    expect((await basket({ k: 1, pins: { 'item-23': 1 } })).items).toMatchObject([{ itemId: 'item-23' }]);
  });

  it('makes a list as if past items had never been', async () => {
    const items = [{ itemId: 'item-0' }, { itemId: 'item-2' }, { itemId: 'item-4' }];
    const both = (
      await service.send('POST', 'recommendations', { items, k: 24, without: ['item-4', 'nothing'] })
    ).body;
    expect(both.items).toEqual((await basket({ k: 24 })).items);
    expect(both.unknownItems).toBeUndefined();
    const seen = (await service.send('POST', 'recommendations', { items, k: 24 })).body;
    expect(ids(seen)).not.toContain('item-4');
    expect(ids(both)).toContain('item-4');
    const past = (await listOf('user-0', { k: 1, explain: 'true' })).items[0].because[0].itemId;
    expect(ids(await listOf('user-0', { k: 24 }))).not.toContain(past);
    expect(ids(await listOf('user-0', { k: 24, without: past }))).toContain(past);
  });
});

function toText(options: Record<string, string | number>): Record<string, string> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]));
}
