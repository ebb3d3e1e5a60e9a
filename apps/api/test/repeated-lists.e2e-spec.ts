import { TestService, twoTastes } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';
import { describeOnBackends } from '../../../test/support/redis.js';

interface Listed {
  readonly itemId: string;
}

/** Each answer has its own. */
const OF_EACH_ANSWER = ['date', 'content-length', 'x-request-id'];

describeOnBackends('lists that are asked for again', ({ redis }) => {
  let service: TestService;
  const models: string[] = [];

  beforeAll(async () => {
    service = await TestService.start({ redis });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    for (const regularization of [5, 50])
      models.push((await service.train({ model: 'ease', parameters: { regularization } })).modelId);
  });
  afterAll(() => service.stop());

  /** Lists with pages are made by another way. */
  const bothWays = async (userId: string, query: string) => {
    const path = `users/${userId}/recommendations?${query}`;
    const replies = [];
    for (let n = 0; n < 4; n++) replies.push(await service.get(path));
    const ids = replies.map(({ body }) => body.recommendationId);
    expect(new Set(ids).size).toBe(replies.length);
    const [first, ...others] = replies.map(({ headers, body }) => ({
      headers: [...headers].filter(([name]) => !OF_EACH_ANSWER.includes(name)),
      body: { ...body, recommendationId: undefined },
    }));
    for (const other of others) expect(other).toEqual(first);
    expect(new Map(first!.headers).get('content-type')).toBe('application/json; charset=utf-8');
    const anew = (await service.get(`${path}&paging=true`)).body;
    expect(first!.body.items).toEqual(anew.items);
    expect(first!.body.modelId).toBe(anew.modelId);
    return { ...first!.body, ids };
  };
  const itemsOf = async (query = 'k=5', userId = 'user-0') =>
    (await bothWays(userId, query)).items.map(({ itemId }: { itemId: string }) => itemId) as string[];

  it('are the same under new ids, each of its query and user', async () => {
    const five = await itemsOf('k=5');
    expect(await itemsOf('k=3')).toEqual(five.slice(0, 3));
    expect(await itemsOf(`k=4&exclude=${five[0]}`)).toEqual(five.slice(1));
    expect(await itemsOf('k=5', 'user-1')).not.toEqual(five);
    expect(await itemsOf('k=5', 'nobody')).not.toEqual(five);
    expect(await itemsOf('k=5', 'somebody')).toEqual(await itemsOf('k=5', 'nobody'));
  });

  it('change with an item, a title, a model and an interaction, in the very next call', async () => {
    const [best = ''] = await itemsOf();
    await service.send('PUT', `items/${best}`, { available: false });
    expect(await itemsOf()).not.toContain(best);
    await service.send('PUT', `items/${best}`, { available: true, title: 'A title with "quotes" ☃' });
    expect((await bothWays('user-0', 'k=5&fields=title')).items[0]).toMatchObject({
      itemId: best,
      title: 'A title with "quotes" ☃',
    });
    for (const modelId of models) {
      await service.send('POST', `models/${modelId}/activate`);
      expect((await bothWays('user-0', 'k=5')).modelId).toBe(modelId);
    }
    await service.send('POST', 'interactions', { interactions: [{ userId: 'user-0', itemId: best }] });
    expect(await itemsOf()).not.toContain(best);
  });

  it('are the same after nobody has asked for a while, however many ask at once then', async () => {
    const path = 'users/user-3/recommendations?k=5';
    const before = await bothWays('user-3', 'k=5');
    if (service.redis) await waitFor('the pings to end', () => service.redis!.areInvalidationsIdle());
    const replies = await Promise.all(Array.from({ length: 20 }, () => service.get(path)));
    for (const { body } of replies) expect(body.items).toEqual(before.items);
    expect(new Set(replies.map(({ body }) => body.recommendationId)).size).toBe(replies.length);
    expect(await itemsOf('k=5', 'user-3')).toHaveLength(5);
  });

  it('count as answers of their model', async () => {
    const modelId = models[1]!;
    const answers = async () =>
      (await service.get(`models/${modelId}`)).body.attribution.recommendations as number;
    await service.send('POST', `models/${modelId}/activate`);
    await bothWays('user-2', 'k=5');
    const counted = await waitFor('what was answered so far to be counted', answers);
    for (let n = 0; n < 10; n++) await bothWays('user-2', 'k=5');
    await waitFor('fifty more', async () => (await answers()) >= counted + 50);
  });

  it.each(['popular', 'popular?windowDays=3650', 'latest', 'items/item-1/similar'])(
    'are the one long list of %s, also while items change',
    async (list) => {
      const read = async (query: Record<string, string>) =>
        (await service.get(`${list}${list.includes('?') ? '&' : '?'}${new URLSearchParams(query)}`)).body;
      const whole: Listed[] = (await read({ k: '1000' })).items;
      const first = await read({ k: '3', paging: 'true' });
      // A count is another one soon.
      if (!list.includes('?'))
        expect((await read({ k: '3', paging: 'true' })).nextCursor).toBe(first.nextCursor);
      const gone = whole[4]!.itemId;
      await service.send('PATCH', `items/${gone}`, { available: false }, 'application/merge-patch+json');
      await service.send('PUT', `items/${list.replaceAll('/', ' ')}`, { title: 'came later' });
      const [path] = list.split('?');
      const items: Listed[] = [...first.items];
      let last = first;
      for (let k = 1; last.nextCursor !== undefined; k++) {
        last = (await service.get(`${path}?cursor=${last.nextCursor}&k=${k}`)).body;
        items.push(...last.items);
        expect([last.modelId, last.window]).toEqual([first.modelId, first.window]);
      }
      expect(items).toEqual(whole.filter(({ itemId }) => itemId !== gone));
      for (const other of ['latest', 'popular', 'items/item-2/similar', 'users/u/recommendations'])
        if (other !== path)
          expect((await service.get(`${other}?cursor=${first.nextCursor}`)).body.errors[0]).toMatchObject({
            pointer: '#/cursor',
          });
      await service.send('PATCH', `items/${gone}`, { available: true }, 'application/merge-patch+json');
    },
  );
});
