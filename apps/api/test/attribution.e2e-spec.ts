import { issueRecommendationId } from '#domain';
import { TestService, twoTastes } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';
import type { ModelReply } from '../src/models/dto/models.dto.js';

const DAY_MS = 86_400_000;

describe('attribution', () => {
  let service: TestService;
  let modelId: string;

  beforeAll(async () => {
    service = await TestService.start({ redis: false });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    modelId = (await service.train()).modelId;
  });
  afterAll(() => service.stop());

  const attribution = async (): Promise<ModelReply['attribution']> =>
    (await service.get(`models/${modelId}`)).body.attribution;
  const answer = async (path = 'users/user-1/recommendations?k=3') =>
    (await service.get(path)).body.recommendationId as string;
  const interaction = (recommendationId: string, fields: object = {}) => ({
    userId: 'user-1',
    itemId: 'item-1',
    type: 'view',
    occurredAt: '2026-02-01T00:00:00Z',
    recommendationId,
    ...fields,
  });
  const toLines = (body: unknown) =>
    String(body)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly recommendationId: string });
  const record = async (...interactions: object[]) => service.send('POST', 'interactions', { interactions });

  it('counts lists of every kind, and stored interactions by type, a duplicate once', async () => {
    const before = await attribution();
    const ids = [
      await answer(),
      await answer('items/item-1/similar?k=2'),
      await answer('popular?k=2'),
      (await service.send('POST', 'recommendations', { items: [{ itemId: 'item-2' }], k: 2 })).body
        .recommendationId,
    ];
    expect(new Set(ids).size).toBe(4);
    const batch = ids.map((id, n) => interaction(id, { itemId: `item-${n}`, type: n < 3 ? 'view' : 'buy' }));
    expect((await record(...batch, batch[0]!)).body).toEqual({ stored: 4, duplicates: 1, merged: 0 });
    expect((await record(...batch)).body).toEqual({ stored: 0, duplicates: 4, merged: 0 });
    const after = await attribution();
    const recommendations = before.recommendations + 4;
    const of = (type: string) => before.byType.find((entry) => entry.type === type)?.interactions ?? 0;
    const [buys, views] = [of('buy') + 1, of('view') + 3];
    expect(after).toEqual({
      recommendations,
      interactions: buys + views,
      clickThrough: (buys + views) / recommendations,
      byType: expect.arrayContaining([
        { type: 'buy', interactions: buys, clickThrough: buys / recommendations },
        { type: 'view', interactions: views, clickThrough: views / recommendations },
      ]),
    });
    expect(after.byType).toHaveLength(2);
    const { body } = await service.get('models');
    expect(body.items[0].attribution).toEqual(after);
  });

  it('counts nothing of previews, nor of what follows from them', async () => {
    const before = await attribution();
    const numLists = async () => {
      const text = String((await service.get('/metrics')).body);
      const counts = text.matchAll(/^sparserec_list_duration_seconds_count\{.*\} (\d+)$/gm);
      return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
    };
    const listsBefore = await numLists();
    const basket = { items: [{ itemId: 'item-2' }], k: 2, preview: true };
    const replies = [
      await service.get('users/user-1/recommendations?k=2&preview=true'),
      await service.get('users/user-1/recommendations?k=2&preview=true&fields=tags'),
      await service.get('items/item-1/similar?k=2&preview=true'),
      await service.get('popular?k=2&preview=true'),
      await service.send('POST', 'recommendations', basket),
    ];
    const requests = [basket, { userId: 'user-1', k: 2, preview: true }];
    const lines = await service.send('POST', 'recommendations/batch', { requests });
    const lists = [...replies.map(({ body }) => body), ...toLines(lines.body)];
    expect(lists).toHaveLength(7);
    for (const list of lists) expect(list).toMatchObject({ modelId, items: [{}, {}] });
    const followed = lists.map(({ recommendationId }, n) =>
      interaction(recommendationId, { userId: 'looks', itemId: `item-${n}` }),
    );
    expect((await record(...followed)).body).toMatchObject({ stored: 7 });
    expect(await attribution()).toEqual(before);
    expect(await numLists()).toBe(listsBefore);
  });

  it('counts an interaction once for its list, with and without occurredAt, posted to two processes at once', async () => {
    const before = (await attribution()).interactions;
    const id = await answer();
    const other = await service.startAnotherApi();
    try {
      const post = async (api: string, fields: object) => {
        const reply = await fetch(`${api}/v1/catalogs/default/interactions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ interactions: [interaction(id, { userId: 'twice', ...fields })] }),
        });
        return ((await reply.json()) as { readonly stored: number }).stored;
      };
      const stored = await Promise.all(
        Array.from({ length: 12 }, (_, n) =>
          post(n % 2 ? service.url : other.url, n < 6 ? { occurredAt: undefined } : {}),
        ),
      );
      expect(stored.slice(6).reduce((sum, count) => sum + count)).toBe(1);
      expect((await attribution()).interactions).toBe(before + 1);
    } finally {
      await other.process.kill();
    }
  });

  it('counts an interaction of another list, user, item or type each, and of one batch once', async () => {
    const before = (await attribution()).interactions;
    const [id, next] = [await answer(), await answer()];
    const user = { userId: 'several', occurredAt: undefined };
    const batch = [
      interaction(id, user),
      interaction(id, { ...user, occurredAt: '2026-02-05T00:00:00Z' }),
      interaction(next, { ...user, occurredAt: '2026-02-06T00:00:00Z' }),
      interaction(id, { ...user, userId: 'another' }),
      interaction(id, { ...user, itemId: 'item-2' }),
      interaction(id, { ...user, type: 'buy' }),
    ];
    expect((await record(...batch)).body).toMatchObject({ stored: 6 });
    expect((await attribution()).interactions).toBe(before + 5);
  });

  it('counts for lists of the last 30 days, and forgets older ones', async () => {
    const before = (await attribution()).interactions;
    const issued = (days: number) => issueRecommendationId(modelId, Date.now() + days * DAY_MS);
    const days = [-31, -29, 0.5, 2];
    const late = days.map((day) => interaction(issued(day), { userId: `day ${day}` }));
    expect((await record(...late)).body.stored).toBe(4);
    expect((await attribution()).interactions).toBe(before + 2);
    const rows = async () =>
      (await service.database.query('SELECT answer FROM attributed_interactions')).rows.length;
    const kept = await rows();
    await service.database.query(
      "INSERT INTO attributed_interactions SELECT 'default', now() - interval '32 days', n, 1, 1, 1 FROM generate_series(1, 25000) n",
    );
    await waitFor('old rows to go', async () => (await rows()) === kept);
  });

  it('counts what an import brings, and the first of two that name different lists', async () => {
    const before = await attribution();
    const rows = [
      'userId,itemId,type,occurredAt,recommendationId',
      `imported,item-1,view,2026-02-02T00:00:00Z,${await answer()}`,
      'imported,item-2,view,2026-02-02T00:00:00Z,',
      `imported,item-2,view,2026-02-02T00:00:00Z,${await answer()}`,
    ];
    const reply = await service.send('POST', 'interactions/import', `${rows.join('\n')}\n`, 'text/csv');
    const { summary: _, ...stored } = reply.body;
    expect(stored).toEqual({ stored: 2, duplicates: 1, merged: 0 });
    expect((await attribution()).interactions).toBe(before.interactions + 1);
    const bad = `${rows[0]}\nimported,item-1,view,,abc\n`;
    const refused = await service.send('POST', 'interactions/import', bad, 'text/csv');
    expect([refused.status, refused.body.detail]).toEqual([
      422,
      expect.stringContaining('line 2: recommendationId'),
    ]);
  });

  it('stores what it cannot attribute, and refuses what no answer ever had', async () => {
    const before = (await attribution()).interactions;
    const [gone, none] = [issueRecommendationId(crypto.randomUUID()), issueRecommendationId(null)];
    const stored = await record(
      interaction(gone, { userId: 'someone' }),
      interaction(none, { userId: 'other' }),
    );
    expect(stored.body.stored).toBe(2);
    await service.send('PUT', '/v1/catalogs/elsewhere');
    const elsewhere = await service.send('POST', '/v1/catalogs/elsewhere/interactions', {
      interactions: [interaction(await answer())],
    });
    expect(elsewhere.body.stored).toBe(1);
    expect((await attribution()).interactions).toBe(before);
    const refused = await record(interaction('0192d3c4-5b1e-7a40-9c1f-2f6d1f0a7b11'));
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([
      422,
      '#/interactions/0/recommendationId',
    ]);
  });

  it('adds up what many writers bring at once', async () => {
    const before = (await attribution()).interactions;
    const id = await answer();
    await Promise.all(
      Array.from({ length: 24 }, (_, n) =>
        record(
          ...Array.from({ length: 20 }, (_unused, m) =>
            interaction(id, {
              userId: `writer-${n % 12}`,
              itemId: `item-${m}`,
              type: m % 2 ? 'view' : 'buy',
            }),
          ),
        ),
      ),
    );
    expect((await attribution()).interactions).toBe(before + 12 * 20);
  });

  it('goes with its model', async () => {
    const catalog = '/v1/catalogs/short-lived';
    await service.send('PUT', catalog);
    await service.send('POST', `${catalog}/interactions`, { interactions: twoTastes() });
    const { modelId: id } = await service.train(undefined, catalog);
    const { body } = await service.get(`${catalog}/popular?k=2`);
    const interactions = [interaction(body.recommendationId)];
    await service.send('POST', `${catalog}/interactions`, { interactions });
    const rows = async () =>
      (await service.database.query('SELECT * FROM model_attributions WHERE model_id = $1', [id])).rows;
    expect(await rows()).toHaveLength(1);
    await service.database.query('DELETE FROM models WHERE id = $1', [id]);
    expect(await rows()).toEqual([]);
  });
});
