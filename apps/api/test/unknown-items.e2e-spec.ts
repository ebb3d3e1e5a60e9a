import { TestService } from '../../../test/support/api.js';
import { postWithKey } from '../../../test/support/idempotent-post.js';
import { describeOnBackends } from '../../../test/support/redis.js';

const SHOP = '/v1/catalogs/shop';
const REASON = 'the catalog does not know the item';

describeOnBackends('a catalog that refuses unknown items', ({ redis }) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis, worker: false });
    await service.send('PUT', SHOP, { unknownItems: 'refuse' });
    await service.send('POST', `${SHOP}/items`, { items: [{ itemId: 'known' }, { itemId: 'gone' }] });
    await service.send('DELETE', `${SHOP}/items/gone`);
  });
  afterAll(() => service.stop());

  const post = (itemIds: readonly string[], query = '', userId = 'ada') =>
    service.send('POST', `${SHOP}/interactions${query}`, {
      interactions: itemIds.map((itemId) => ({ userId, itemId, occurredAt: '2026-02-01T00:00:00Z' })),
    });
  const importCsv = (rows: readonly string[], query = '') =>
    service.send(
      'POST',
      `${SHOP}/interactions/import${query}`,
      ['userId,itemId,weight', ...rows, ''].join('\n'),
      'text/csv',
    );

  it('shows its setting, which PUT replaces, and a PUT without a body leaves', async () => {
    const setting = async () => (await service.get(SHOP)).body.unknownItems;
    expect((await service.get('/v1/catalogs/default')).body.unknownItems).toBe('create');
    expect((await service.send('PUT', SHOP)).status).toBe(200);
    expect(await setting()).toBe('refuse');
    expect((await service.send('PUT', SHOP, {})).body.unknownItems).toBe('create');
    expect(await setting()).toBe('create');
    expect((await service.send('PUT', SHOP, { unknownItems: 'refuse' })).body.unknownItems).toBe('refuse');
    expect((await service.send('PUT', SHOP, { unknownItems: 'drop' })).status).toBe(422);
  });

  it('refuses a batch whole, names each row, and stores nothing of it', async () => {
    const { status, body } = await post(['known', 'x', 'gone', 'y'], '', 'nobody');
    expect([status, body.type, body.refused]).toEqual([422, '/problems/unknown-items', 2]);
    expect(body.errors).toEqual([
      { pointer: '#/interactions/1/itemId', detail: REASON },
      { pointer: '#/interactions/3/itemId', detail: REASON },
    ]);
    const imported = await importCsv(['ada,known,1', 'ada,x,1']);
    expect(imported.body.errors).toEqual([{ pointer: '#/rows/3/itemId', detail: REASON }]);
    const { instance: _, ...refusal } = imported.body;
    const dry = await importCsv(['ada,known,1', 'ada,x,1'], '?dryRun=true');
    expect([dry.status, dry.body]).toEqual([422, { ...refusal, instance: expect.any(String) }]);
    expect((await service.get(SHOP)).body).toMatchObject({ userCount: 0 });
  });

  it('stores the good rows on request, and answers which it left out, and why', async () => {
    const { body } = await post(['known', 'x', 'gone', 'y'], '?onInvalid=skip');
    expect(body).toEqual({
      stored: 2,
      duplicates: 0,
      merged: 0,
      refused: {
        count: 2,
        rows: [
          { row: 1, reason: REASON },
          { row: 3, reason: REASON },
        ],
      },
    });
    const rows = ['bob,x,1', 'bob,known,-1', 'bob,known', 'bob,known,1'];
    const dry = await importCsv(rows, '?onInvalid=skip&dryRun=true');
    expect(dry.body.leftOut).toContainEqual({ reason: REASON, rows: 1, firstLines: [2] });
    const imported = await importCsv(rows, '?onInvalid=skip');
    expect(imported.body).toMatchObject({ stored: 1, duplicates: 0, refused: { count: 3 } });
    expect(imported.body.refused.rows.map(({ row }: { row: number }) => row)).toEqual([2, 3, 4]);
  });

  it('answers a repeated key with the refused rows of the first time, although they would be stored by now', async () => {
    const itemIds = ['known', 'later'];
    const body = { interactions: itemIds.map((itemId) => ({ userId: 'ada', itemId })) };
    const again = () =>
      postWithKey(service.url, `${SHOP}/interactions?onInvalid=skip`, { key: 'skips', body });
    const first = await again();
    expect(first.body).toMatchObject({ stored: 1, refused: { count: 1 } });
    await service.send('PUT', `${SHOP}/items/later`, {});
    const second = await again();
    expect(second.text).toBe(first.text);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    await service.send('DELETE', `${SHOP}/items/later`);
  });

  it('checks each row of a post by itself, and stores the good ones, whatever is wrong with the others', async () => {
    const good = { userId: 'eve', itemId: 'known' };
    const interactions = [
      { ...good, weight: -1 },
      good,
      { ...good, itemId: 1, rating: 5 },
      null,
      { ...good, occurredAt: new Date(Date.now() + 3_600_000).toISOString() },
      { ...good, itemId: 'x' },
    ];
    const skip = (rows: unknown) =>
      service.send('POST', `${SHOP}/interactions?onInvalid=skip`, { interactions: rows });
    const { body } = await skip(interactions);
    expect([body.stored, body.duplicates, body.merged, body.refused.count]).toEqual([1, 0, 0, 5]);
    expect(body.refused.rows).toEqual([
      {
        row: 0,
        reason: 'weight: must be greater than 0 in float32',
      },
      { row: 2, reason: 'itemId: Invalid input: expected string, received number; rating: unknown field' },
      { row: 3, reason: 'Invalid input: expected object, received null' },
      { row: 4, reason: expect.stringMatching(/^occurredAt: is \d+ s ahead of the server's clock/) },
      { row: 5, reason: REASON },
    ]);
    expect((await skip([null])).body).toMatchObject({ stored: 0, refused: { count: 1 } });
    expect((await skip([])).status).toBe(422);
    expect((await skip('no list')).status).toBe(422);
    const { body: refused } = await service.send('POST', `${SHOP}/interactions`, { interactions });
    expect(refused.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '#/interactions/0/weight',
      '#/interactions/2/itemId',
      '#/interactions/2/rating',
      '#/interactions/3',
      '#/interactions/4/occurredAt',
    ]);
  });

  it('names the first thousand refused rows, and counts all', async () => {
    const { body } = await post(
      Array.from({ length: 1_500 }, (_, n) => `unknown-${n}`),
      '?onInvalid=skip',
    );
    expect([body.stored, body.refused.count, body.refused.rows.length]).toEqual([0, 1_500, 1_000]);
    expect((await service.get(`${SHOP}/items`)).body.items).toHaveLength(1);
  });
});
