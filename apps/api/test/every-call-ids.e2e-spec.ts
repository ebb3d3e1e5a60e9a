import { TestService, twoTastes } from '../../../test/support/api.js';
import { REDIS_SERVER } from '../../../test/support/redis.js';
import { LONE_SURROGATE } from './testing/every-call.js';

describe('every call', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis: REDIS_SERVER !== '' });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.train();
  });
  afterAll(() => service.stop());

  it.each([
    'a/b',
    '%2F',
    '%',
    '100% + more?#&=',
    ' ',
    '...',
    '😀👨‍👩‍👧',
    '😀'.repeat(512),
    'é',
    'e\u0301',
    'Ünïcode\u2028\ufeff',
    '"\\\'\n\t,;',
    'constructor',
  ])('answers the id %p as it was given, in every path and body', async (id) => {
    const at = encodeURIComponent(id);
    const itemId = id;
    expect((await service.send('PUT', `items/${at}`, {})).body).toMatchObject({ itemId });
    expect((await service.get(`items/${at}`)).body).toMatchObject({ itemId });
    expect((await service.send('POST', 'items', { items: [{ itemId }] })).body).toEqual({
      created: 0,
      updated: 1,
    });
    const interactions = [
      { userId: id, itemId: 'item-1' },
      { userId: `other ${id}`.slice(0, 400), itemId },
    ];
    const { body: stored } = await service.send('POST', 'interactions', { interactions });
    expect(stored).toMatchObject({ stored: 2 });
    const list = (
      await service.get(
        `users/${at}/recommendations?k=500&pins=${encodeURIComponent(JSON.stringify({ [id]: 1 }))}`,
      )
    ).body;
    expect(list.items[0]).toMatchObject({ itemId, source: 'pinned' });
    expect(list.items).not.toContainEqual(expect.objectContaining({ itemId: 'item-1' }));
    expect(
      (await service.get(`users/${at}/recommendations?k=500&exclude=${at}`)).body.items,
    ).not.toContainEqual(expect.objectContaining({ itemId }));
    expect((await service.get(`users/${at}/similar`)).body.reason).not.toBe('unknown-user');
    expect((await service.get(`items/${at}/similar`)).status).toBe(200);
    const batch = {
      requests: [
        { userId: id, k: 1 },
        { items: [{ itemId }], k: 1 },
      ],
    };
    const lines = String((await service.send('POST', 'recommendations/batch', batch)).body);
    expect(lines).not.toContain('error');
    expect(lines).not.toContain('unknownItems');
    const line = JSON.stringify({ userId: id, itemId, occurredAt: '2026-01-01T00:00:00Z' });
    const imported = await service.send('POST', 'interactions/import', `${line}\n`, 'application/x-ndjson');
    expect(imported.body).toMatchObject({ stored: 1 });
    expect((await service.send('DELETE', `items/${at}`)).status).toBe(204);
    expect((await service.get(`items/${at}`)).status).toBe(404);
  });

  it('refuses illegal ids in imports, by the row', async () => {
    const rows = ['.', '..', 'a\0', 'x'.repeat(513), LONE_SURROGATE].map((id) =>
      JSON.stringify({ userId: 'ada', itemId: id }),
    );
    for (const row of rows) {
      const { status, body } = await service.send(
        'POST',
        'interactions/import',
        `${row}\n`,
        'application/x-ndjson',
      );
      expect([status, body.row]).toEqual([422, 1]);
    }
    const csv = await service.send('POST', 'interactions/import', 'userId,itemId\nada,..\n', 'text/csv');
    expect([csv.status, csv.body.row, csv.body.reason]).toEqual([422, 2, expect.stringContaining('itemId')]);
  });
});
