import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type AnotherApi, TestService, twoTastes } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';
import { describeOnBackends } from '../../../test/support/redis.js';
import { shellCommandsOf } from '../../../test/support/shell-commands.js';

interface Explained {
  readonly itemId: string;
  readonly score: number;
  readonly because?: readonly { readonly itemId: string; readonly part: number }[];
}

const dayOf = (day: number) => new Date(Date.UTC(2026, 0, day)).toISOString();

describeOnBackends('deletions', ({ redis }) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.train();
  });
  afterAll(() => service.stop());

  describe('interactions that are taken back', () => {
    let second: AnotherApi | null = null;

    beforeAll(async () => {
      // Without Redis the cached histories are of one process.
      if (redis) second = await service.startAnotherApi();
    });
    afterAll(() => second?.process.kill());

    const take = (userId: string, query: string) =>
      service.send('DELETE', `users/${userId}/interactions?${query}`);
    const record = (userId: string, itemId: string, fields: object = {}) =>
      service.send('POST', 'interactions', { interactions: [{ userId, itemId, ...fields }] });
    const listOf = async (userId: string, url = service.url): Promise<Explained[]> => {
      const path = `/v1/catalogs/default/users/${userId}/recommendations?k=24&explain=true`;
      return ((await (await fetch(url + path)).json()) as { items: Explained[] }).items;
    };
    const scoresOf = (items: readonly Explained[]) =>
      items.map(({ itemId, score, because }) => ({ itemId, score, because }));
    /** As both processes say. */
    const expectList = async (userId: string, expected: readonly Explained[]) => {
      expect(scoresOf(await listOf(userId))).toEqual(scoresOf(expected));
      if (second) {
        const { url } = second;
        const hasHeard = async () =>
          JSON.stringify(scoresOf(await listOf(userId, url))) === JSON.stringify(scoresOf(expected));
        await waitFor('the list of the other process', hasHeard);
      }
    };

    it('are known to the next answer of every process: the item is unseen again, and gives no reason', async () => {
      await record('ada', 'item-0', { occurredAt: dayOf(1) });
      const liked = await listOf('ada');
      await record('ada', 'item-2', { type: 'like', occurredAt: dayOf(2) });
      const both = await listOf('ada');
      await expectList('ada', both);
      expect(both.map(({ itemId }) => itemId)).not.toContain('item-2');
      const one = `itemId=item-2&type=like&occurredAt=${dayOf(2)}`;
      expect((await take('ada', one)).body).toEqual({ deleted: 1 });
      await expectList('ada', liked);
      expect((await take('ada', one)).body).toEqual({ deleted: 0 });
      await expectList('ada', liked);
      await record('ada', 'item-2', { type: 'like', occurredAt: dayOf(2) });
      await expectList('ada', both);
    });

    it('leave one who never was: the same list as for somebody unknown', async () => {
      await record('eve', 'item-0');
      await record('eve', 'item-4', { type: 'buy' });
      expect((await listOf('eve')).length).toBeLessThan(24);
      expect((await take('eve', 'all=true')).body).toEqual({ deleted: 2 });
      await expectList('eve', await listOf('nobody'));
    });

    it('count by the rule of their type: what is left of a rating, of plays, of views', async () => {
      const repeats = { rate: 'newest', play: 'sum', look: 'max' };
      const users = Object.keys(repeats);
      for (const [type, rule] of Object.entries(repeats)) {
        await service.send('PUT', `interaction-types/${type}`, { repeats: rule });
        for (const [day, weight] of [5, 2, 1].entries())
          await record(type, 'item-0', { type, weight, occurredAt: dayOf(day + 1) });
      }
      const weighs = async (userId: string, weight: number) => {
        await record(`${userId}-${weight}`, 'item-0', { weight });
        await expectList(userId, await listOf(`${userId}-${weight}`));
      };
      for (const [n, weight] of [1, 8, 5].entries()) await weighs(users[n]!, weight);
      for (const user of users) await take(user, `itemId=item-0&occurredAt=${dayOf(3)}`);
      for (const [n, weight] of [2, 7, 5].entries()) await weighs(users[n]!, weight);
      for (const user of users) await take(user, `type=${user}&to=${dayOf(2)}`);
      for (const [n, weight] of [2, 2, 2].entries()) await weighs(users[n]!, weight);
    });

    it('are gone from counts and from the next training', async () => {
      const usage = async () => (await service.get('usage')).body.counts.interactions as number;
      await service.train();
      expect(await service.train()).toMatchObject({ unchanged: true });
      const before = await usage();
      expect((await take('user-3', 'itemId=item-3&itemId=item-7')).body.deleted).toBe(1);
      expect(await usage()).toBe(before - 1);
      const { unchanged, modelId } = await service.train();
      const { body: model } = await service.get(`models/${modelId}`);
      const { rows } = await service.database.query(
        'SELECT count(DISTINCT (user_key, item_key))::int AS pairs FROM interactions',
      );
      expect([unchanged, model.numInteractions]).toEqual([false, rows[0].pairs]);
    });

    it('stay counted for the model whose list led to them, and count once when they are posted again', async () => {
      const { body } = await service.get('users/kim/recommendations?k=3');
      const { modelId, recommendationId } = body;
      const followed = async () =>
        (await service.get(`models/${modelId}`)).body.attribution.interactions as number;
      const click = () => record('kim', 'item-9', { recommendationId, occurredAt: dayOf(9) });
      const before = await followed();
      await click();
      expect(await followed()).toBe(before + 1);
      expect((await take('kim', 'itemId=item-9')).body.deleted).toBe(1);
      expect((await click()).body.stored).toBe(1);
      expect(await followed()).toBe(before + 1);
    });

    it('are what the call says, and never all by accident', async () => {
      await record('zoe', 'item-0', { occurredAt: dayOf(1) });
      for (const [query, pointer] of [
        ['', '#/all'],
        ['all=false', '#/all'],
        ['all=true&type=view', '#/all'],
        [`from=${dayOf(2)}&to=${dayOf(2)}`, '#/to'],
        ['from=yesterday', '#/from'],
        ['occurredAt=1800-01-01T00:00:00Z', '#/occurredAt'],
        ['itemId=', '#/itemId'],
      ] as const) {
        const { status, body } = await take('zoe', query);
        expect([query, status, body.errors?.[0].pointer]).toEqual([query, 422, pointer]);
      }
      expect((await take('zoe', `from=${dayOf(1)}&to=${dayOf(2)}&occurredAt=${dayOf(3)}`)).body.deleted).toBe(
        0,
      );
      expect((await take('zoe', `from=${dayOf(1)}&to=${dayOf(2)}`)).body.deleted).toBe(1);
      expect((await take('nobody', 'all=true')).body).toEqual({ deleted: 0 });
    });

    it('are taken back by the calls of docs/data.md', async () => {
      const commands = shellCommandsOf('docs/data.md').filter((one) => one.includes('-X DELETE'));
      const deleted: number[] = [];
      for (const command of commands) {
        const local = command.replace('http://127.0.0.1:3000', service.url);
        deleted.push(JSON.parse((await promisify(execFile)('sh', ['-c', local])).stdout).deleted);
      }
      expect(deleted).toEqual([0, 1, 7]);
    });
  });

  describe('a deleted item', () => {
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
});
