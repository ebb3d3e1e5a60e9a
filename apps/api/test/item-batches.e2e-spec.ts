import { TestService, twoTastes } from '../../../test/support/api.js';
import { REDIS_SERVER } from '../../../test/support/redis.js';

describe('batches of corrected items', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis: REDIS_SERVER !== '', worker: false });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
  });
  afterAll(() => service.stop());

  const put = async (id: string, fields: object) =>
    (await service.send('PUT', `items/${id}`, fields)).body.etag as string;
  const etagOf = async (id: string) => (await service.get(`items/${id}`)).headers.get('etag');

  const ids = ['one', 'two', 'three'];
  let etags: string[];
  beforeEach(async () => {
    etags = [];
    for (const id of ids) etags.push(await put(id, { title: id, metadata: { n: 1 } }));
  });
  const titles = async () => {
    const found: unknown[] = [];
    for (const id of ids) {
      const { status, body } = await service.get(`items/${id}`);
      found.push(status === 200 ? body.title : null);
    }
    return found;
  };

  it('of patches have a result for each row, and follow one another where they name the same item', async () => {
    const items = [
      { itemId: 'one', title: 'I', ifMatch: etags[0] },
      { itemId: 'two', title: 'two' },
      { itemId: 'one', metadata: { n: null, m: 2 }, ifMatch: etags[0] },
    ];
    const { status, body } = await service.send('PATCH', 'items', { items });
    const etag = await etagOf('one');
    expect([status, body]).toEqual([
      200,
      {
        ...{ patched: 2, unchanged: 1, refused: 0 },
        results: [
          { itemId: 'one', result: 'patched', etag },
          { itemId: 'two', result: 'unchanged', etag: etags[1] },
          { itemId: 'one', result: 'patched', etag },
        ],
      },
    ]);
    expect((await service.get('items/one')).body).toMatchObject({ title: 'I', metadata: { m: 2 } });
  });

  const good = { itemId: 'one', title: 'changed' };
  const bad = [
    [422, 'unknown-items', '#/items/1/itemId', { itemId: 'never' }],
    [412, 'precondition-failed', '#/items/1/ifMatch', { itemId: 'two', title: 'x', ifMatch: '"old"' }],
    [422, 'validation-failed', '#/items/1/surprise', { itemId: 'two', surprise: 1 }],
    [422, 'validation-failed', '#/items/1/title', { itemId: 'two', title: 7 }],
    [
      ...([422, 'validation-failed', '#/items/1/createdAt'] as const),
      { itemId: 'two', createdAt: '2199-01-01T00:00:00Z' },
    ],
    [
      ...([422, 'validation-failed', '#/items/1/metadata'] as const),
      { itemId: 'two', metadata: { long: 'x'.repeat(16_370) } },
    ],
  ] as const;

  it.each(bad)('of patches are refused as a whole by %d %s at %s', async (status, code, pointer, row) => {
    const refused = await service.send('PATCH', 'items', { items: [good, row] });
    expect([refused.status, refused.body.type, refused.body.errors[0].pointer]).toEqual([
      status,
      `/problems/${code}`,
      pointer,
    ]);
    expect(await titles()).toEqual(ids);
  });

  it('leave refused rows out where it is asked for, with the reason of each', async () => {
    const items = [...bad.map(([, , , row]) => row), good, 7];
    const { body } = await service.send('PATCH', 'items?onInvalid=skip', { items });
    expect(body).toMatchObject({ patched: 1, unchanged: 0, refused: bad.length + 1 });
    expect(body.results.map(({ result }: { result: string }) => result)).toEqual([
      ...bad.map(() => 'refused'),
      'patched',
      'refused',
    ]);
    expect(body.results[2]).toEqual({
      itemId: 'two',
      result: 'refused',
      reason: 'surprise: unknown field',
    });
    expect(body.results.at(-1)).toEqual({ result: 'refused', reason: expect.any(String) });
    expect(await titles()).toEqual(['changed', 'two', 'three']);
  });

  it('of deletions have a result for each row, all or none', async () => {
    const users = async () =>
      (await service.get('users/fan/recommendations?k=30')).body.items.length as number;
    const interactions = ids.map((itemId) => ({ userId: 'fan', itemId }));
    const before = await users();
    await service.send('POST', 'interactions', { interactions });
    expect(await users()).toBe(before - ids.length);
    const rows = [
      { itemId: 'one', ifMatch: etags[0] },
      { itemId: 'never' },
      { itemId: 'two', ifMatch: '"old"' },
      { itemId: 'one' },
      { itemId: 'three' },
    ];
    const refused = await service.send('POST', 'item-deletions', { items: rows });
    expect([refused.status, refused.body.errors.map((error: { pointer: string }) => error.pointer)]).toEqual([
      422,
      ['#/items/1/itemId', '#/items/3/itemId'],
    ]);
    expect(await titles()).toEqual(ids);
    const { body } = await service.send('POST', 'item-deletions?onInvalid=skip', { items: rows });
    expect(body).toMatchObject({ deleted: 2, refused: 3 });
    expect(body.results.map(({ result }: { result: string }) => result)).toEqual([
      ...['deleted', 'refused', 'refused', 'refused', 'deleted'],
    ]);
    expect(await titles()).toEqual([null, 'two', null]);
    const left = 'interactions JOIN items USING (catalog_id, item_key) WHERE external_id = ANY ($1)';
    const { rows: counted } = await service.database.query(`SELECT count(*)::int AS count FROM ${left}`, [
      ids,
    ]);
    expect(counted[0].count).toBe(1);
    await put('one', { title: 'one' });
    expect((await service.get('items/one')).body.title).toBe('one');
  });
});
