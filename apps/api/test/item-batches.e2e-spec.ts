import { TestService, twoTastes } from '../../../test/support/api.js';
import { REDIS_SERVER } from '../../../test/support/redis.js';

describe('batches of items', () => {
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

  const postItems = (csv: string, query: string) =>
    service.send('POST', `items/import${query}`, csv, 'text/csv');

  it('as files are answered with what was understood, and the query that says the same', async () => {
    const csv = 'sku;label;genres;added\nsum-1;One;war|art;31/05/2024\nsum-2;;;\nsum-2;Two;;\n..;;;\n';
    const query = `?columns=id%3Dsku%2Ctitle%3Dlabel%2CcreatedAt%3Dadded&timeFormat=dd%2FMM%2Fyyyy&onInvalid=skip&dryRun=true`;
    const { status, body } = await postItems(csv, query);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ name: 'the body', format: 'csv', delimiter: ';', encoding: 'utf-8', header: true, packing: null },
      columns: { id: 'sku', title: 'label', tags: 'genres', createdAt: 'added', deletedAt: null },
      timeFormats: { createdAt: 'dd/MM/yyyy', deletedAt: null },
      ...{ items: 2, repeats: 1, titles: 2, tagged: 1, dated: 1, firstDate: '2024-05-31T00:00:00.000Z' },
      leftOut: [{ rows: 1, firstLines: [5] }],
      sample: [
        { itemId: 'sum-1', title: 'One', tags: ['war', 'art'], createdAt: '2024-05-31T00:00:00.000Z' },
        { itemId: 'sum-2', title: null, available: true },
        { itemId: 'sum-2', title: 'Two' },
      ],
    });
    const again = await postItems(csv, `?${body.command}&dryRun=true`);
    expect([again.status, again.body]).toEqual([200, body]);
    const { body: stored } = await postItems(csv, query.replace('&dryRun=true', ''));
    expect(stored).toMatchObject({ created: 2, summary: body });
    expect((await service.get('items/sum-2')).body.title).toBe('Two');
  });

  it('as files of users are, too, and columns that there are not are named', async () => {
    const csv = 'member,groups,age,training\nsum-u,x|y,31,false\n';
    const query = '?columns=id%3Dmember%2Ctags%3Dgroups&dryRun=true';
    const postUsers = (search: string) => service.send('POST', `users/import${search}`, csv, 'text/csv');
    const { body } = await postUsers(query);
    expect(body).toMatchObject({
      columns: { id: 'member', tags: 'groups', training: 'training', personal: null },
      ...{ metadataColumns: ['age'], users: 1, tagged: 1, noTraining: 1, noPersonal: 0 },
      sample: [{ userId: 'sum-u', tags: ['x', 'y'], metadata: { age: 31 }, training: false }],
    });
    expect((await postUsers(`?${body.command}&dryRun=true`)).body).toEqual(body);
    const role = await postUsers('?columns=grops%3Dgroups');
    expect([role.status, role.body.errors[0]]).toEqual([
      422,
      expect.objectContaining({
        pointer: '#/columns',
        detail: expect.stringContaining('is none of id, user'),
      }),
    ]);
    const absent = await postItems('sku,name\na,A\n', '?columns=id%3Dskuu');
    expect([absent.status, absent.body.detail]).toEqual([
      422,
      expect.stringContaining('it has no column "skuu"; it has sku, name, so correct `columns`'),
    ]);
  });
});
