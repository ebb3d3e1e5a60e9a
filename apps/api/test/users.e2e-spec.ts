import { TestService, twoTastes } from '../../../test/support/api.js';

const USERS = 40;
/** Of each user. */
const INTERACTIONS = 8;

interface Page {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly nextCursor?: string;
}

describe('users and what they did, over HTTP', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis: false, worker: false });
    await service.send('POST', 'interactions', { interactions: twoTastes(USERS) });
    await service.send('PUT', 'items/item-3', { title: 'A Film' });
  });
  afterAll(() => service.stop());

  const pagesOf = async (path: string): Promise<Page[]> => {
    const pages: Page[] = [];
    let cursor = '';
    for (;;) {
      const { status, body } = await service.get(`${path}${cursor}`);
      expect([path, status]).toEqual([path, 200]);
      pages.push(body as Page);
      if (body.nextCursor === undefined) return pages;
      cursor = `&cursor=${body.nextCursor}`;
    }
  };
  const rowsOf = async (path: string) => (await pagesOf(path)).flatMap(({ items }) => items);

  it('are listed page by page, by the beginning of their ids', async () => {
    const pages = await pagesOf('users?limit=7');
    expect(pages.map(({ items }) => items.length)).toEqual([7, 7, 7, 7, 7, 5]);
    const ids = pages.flatMap(({ items }) => items.map(({ userId }) => userId));
    expect(ids).toEqual(Array.from({ length: USERS }, (_, n) => `user-${n}`).sort());
    expect(pages[0]!.items[0]).toEqual({ userId: 'user-0', createdAt: expect.stringMatching(/Z$/) });
    const found = await rowsOf('users?search=user-3&limit=4');
    expect(found.map(({ userId }) => userId)).toEqual(ids.filter((id) => String(id).startsWith('user-3')));
    expect(await rowsOf('users?search=nobody')).toEqual([]);
  });

  it('are one by one counts of what they did', async () => {
    expect((await service.get('users/user-3')).body).toEqual({
      userId: 'user-3',
      createdAt: expect.stringMatching(/Z$/),
      interactions: [{ type: 'interaction', count: INTERACTIONS }],
      lateInteractions: 0,
      firstOccurredAt: '2026-01-01T00:00:00.000Z',
      lastOccurredAt: '2026-01-01T00:00:00.000Z',
      consent: { training: true, personal: true, etag: expect.any(String) },
      tags: [],
      metadata: {},
    });
    for (const path of ['users/nobody', 'users/nobody/interactions']) {
      const { status, body } = await service.get(path);
      expect([status, body.type]).toEqual([404, '/problems/user-not-found']);
    }
  });

  it('have interactions, which are those of their items', async () => {
    const all = twoTastes(USERS);
    const ofUser = await rowsOf('users/user-3/interactions?limit=3');
    expect(ofUser.map(({ itemId }) => itemId).sort()).toEqual(
      all.flatMap(({ userId, itemId }) => (userId === 'user-3' ? [itemId] : [])).sort(),
    );
    expect(ofUser[0]).toEqual({
      userId: 'user-3',
      itemId: expect.any(String),
      type: 'interaction',
      weight: 1,
      occurredAt: '2026-01-01T00:00:00.000Z',
    });
    const ofItem = await rowsOf('items/item-3/interactions?limit=3');
    expect(ofItem.map(({ userId }) => userId).sort()).toEqual(
      all.flatMap(({ userId, itemId }) => (itemId === 'item-3' ? [userId] : [])).sort(),
    );
    expect((await service.get('items/nothing/interactions')).body.type).toBe('/problems/item-not-found');
  });

  it('have interactions by type and time', async () => {
    const interactions = [1, 2, 3].map((day) => ({
      ...{ userId: 'dated', itemId: `item-${day}`, type: day === 2 ? 'buy' : 'view' },
      occurredAt: `2026-02-0${day}T12:00:00+02:00`,
    }));
    await service.send('POST', 'interactions', { interactions });
    const itemsOf = async (query: string) =>
      (await rowsOf(`users/dated/interactions?limit=1${query}`)).map(({ itemId }) => itemId);
    expect(await itemsOf('')).toEqual(['item-3', 'item-2', 'item-1']);
    expect(await itemsOf('&type=view')).toEqual(['item-3', 'item-1']);
    expect(await itemsOf('&type=never')).toEqual([]);
    expect(await itemsOf('&from=2026-02-02T10:00:00Z')).toEqual(['item-3', 'item-2']);
    expect(await itemsOf('&to=2026-02-02T10:00:00Z')).toEqual(['item-1']);
    expect(await itemsOf('&type=view&type=buy&from=2026-02-01T00:00:00Z&to=2026-02-03T00:00:00Z')).toEqual([
      ...['item-2', 'item-1'],
    ]);
    for (const query of [
      'from=yesterday',
      'to=2026-02-02',
      'from=1850-01-01T00:00:00Z',
      'type=',
      'search=a',
      'from=2026-02-03T00:00:00Z&to=2026-02-03T00:00:00Z',
    ])
      expect([query, (await service.get(`users/dated/interactions?${query}`)).status]).toEqual([query, 422]);
  });

  it('have tags and metadata, which a boost reads in the next list', async () => {
    const put = (body: object) => service.send('PUT', 'users/described', body);
    const made = await put({ tags: ['member', 'member'], metadata: { age: 31, city: 'Rome' } });
    const known = { userId: 'described', tags: ['member'], metadata: { age: 31, city: 'Rome' } };
    expect([made.status, made.body]).toEqual([201, known]);
    expect((await service.get('users/described')).body).toMatchObject({ ...known, interactions: [] });
    const scoreOf = async (boost: string) => {
      const query = new URLSearchParams({ boost, k: '1' });
      return (await service.get(`users/described/recommendations?${query}`)).body.items[0].score;
    };
    const boost = 'userTag("member") + userMetadata("age") + userMetadata("city") + userTag("x")';
    expect(await scoreOf(boost)).toBe(32);
    const again = await put({ tags: ['x'], metadata: { city: true } });
    expect([again.status, await scoreOf(boost)]).toEqual([200, 2]);
    await service.send('PUT', 'users/described/consent', { training: true, personal: false });
    expect(await scoreOf(boost)).toBe(0);
    const basket = await service.send('POST', 'recommendations', { items: [], k: 1, boost });
    expect(basket.body.items[0].score).toBe(0);
    for (const [body, pointer] of [
      [{ tags: Array.from({ length: 65 }, (_, n) => `${n}`) }, '#/tags'],
      [{ tags: [''] }, '#/tags/0'],
      [{ metadata: { text: 'x'.repeat(16_384) } }, '#/metadata'],
      [{ title: 'Ann' }, '#/title'],
    ] as const) {
      const { status, body: problem } = await put(body);
      expect([status, problem.errors[0].pointer]).toEqual([422, pointer]);
    }
    expect((await put({})).body).toEqual({ userId: 'described', tags: [], metadata: {} });
  });

  it('go with their lists: a cursor is of one user, and of one search', async () => {
    const { body: users } = await service.get('users?search=user&limit=1');
    const { body: rows } = await service.get('users/user-1/interactions?limit=1');
    const statuses = [
      `users?search=user&cursor=${users.nextCursor}`,
      `users?cursor=${users.nextCursor}`,
      `users?search=user-1&cursor=${users.nextCursor}`,
      `users/user-1/interactions?type=view&cursor=${rows.nextCursor}`,
      `users/user-2/interactions?cursor=${rows.nextCursor}`,
      `items/user-1/interactions?cursor=${rows.nextCursor}`,
    ].map(async (path) => (await service.get(path)).status);
    expect(await Promise.all(statuses)).toEqual([200, 422, 422, 200, 422, 422]);
  });

  it('go to any length of an id', async () => {
    const ids = ['😀'.repeat(512), `${'😀'.repeat(511)}😁`, '😂'];
    const interactions = ids.map((userId) => ({ userId, itemId: userId }));
    await service.send('POST', 'interactions', { interactions });
    const search = encodeURIComponent('😀'.repeat(100));
    const found = await rowsOf(`users?search=${search}&limit=1`);
    expect(found.map(({ userId }) => userId)).toEqual(ids.slice(0, 2));
    const items = await rowsOf(`items?search=${search}&limit=1`);
    expect(items.map(({ itemId }) => itemId)).toEqual(ids.slice(0, 2));
  });

  it('have items that are found by id and title', async () => {
    const found = async (search: string) =>
      (await rowsOf(`items?search=${search}&limit=2`)).map(({ itemId }) => itemId);
    const ids = Array.from({ length: 24 }, (_, n) => `item-${n}`).sort();
    expect(await found('item-1')).toEqual(ids.filter((id) => id.startsWith('item-1')));
    expect(await found('a%20fi')).toEqual(['item-3']);
    expect((await service.get('items?search=')).status).toBe(422);
  });
});
