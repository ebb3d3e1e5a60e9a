import { TestService } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';
import { describeOnBackends } from '../../../test/support/redis.js';

type Listed = readonly [itemId: string, score: number, source: string];

describeOnBackends('before the first model', ({ redis }) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis, worker: false });
  });
  afterAll(() => service.stop());

  /** Item n has n buyers, and items came in the order of their numbers. */
  const record = async () => {
    const interactions = [1, 2, 3, 4, 5].flatMap((item) =>
      Array.from({ length: item }, (_, n) => ({ userId: `user-${n}`, itemId: `item-${item}` })),
    );
    await service.send('POST', 'interactions', { interactions });
    await service.send('PUT', 'items/untouched', {});
  };
  const toListed = (body: { items: { itemId: string; score: number; source: string }[] }): Listed[] =>
    body.items.map(({ itemId, score, source }) => [itemId, score, source]);
  const listOf = async (user: string, query = ''): Promise<Listed[]> =>
    toListed((await service.get(`users/${user}/recommendations?k=10${query}`)).body);
  const popular = (...without: number[]): Listed[] => [
    ...[5, 4, 3, 2, 1]
      .filter((item) => !without.includes(item))
      .map((item): Listed => [`item-${item}`, item, 'popular']),
    ['untouched', 0, 'catalogue'],
  ];

  it('every list is by the number of users, as the popular one is', async () => {
    expect(await listOf('nobody')).toEqual([]);
    await record();
    await waitFor('the count', async () => (await listOf('nobody'))[0]?.[0] === 'item-5');
    expect(await listOf('nobody')).toEqual(popular());
    expect(toListed((await service.get('popular?k=10')).body)).toEqual(popular());
    expect(await listOf('user-3')).toEqual(popular(4, 5));
    const basket = { items: [{ itemId: 'item-4' }], k: 10 };
    expect(toListed((await service.send('POST', 'recommendations', basket)).body)).toEqual(popular(4));
    const { body } = await service.send('POST', 'recommendations/batch', {
      requests: [{ userId: 'nobody', k: 10 }, { userId: 'user-3', k: 10 }, basket],
    });
    const lines = (body as string).trim().split('\n');
    expect(lines.map((line) => toListed(JSON.parse(line)))).toEqual([popular(), popular(4, 5), popular(4)]);
  });

  it('options count on the same numbers', async () => {
    expect(await listOf('nobody', '&minScore=3')).toEqual(popular(1, 2).slice(0, -1));
    expect(await listOf('nobody', '&exclude=item-5')).toEqual(popular(5));
    expect(await listOf('nobody', '&boost=-popularity')).toEqual([
      ['untouched', 0, 'catalogue'],
      ...[1, 2, 3, 4, 5].map((item) => [`item-${item}`, -item, 'popular']),
    ]);
    expect((await listOf('nobody', '&boost=1')).map(([itemId]) => itemId)).toEqual(
      popular().map(([itemId]) => itemId),
    );
    expect(await listOf('shown', '&rotation=1')).toEqual(popular());
    const rotated = await listOf('shown', '&rotation=1');
    expect(rotated.map(([itemId]) => itemId).sort()).toEqual(
      popular()
        .map(([itemId]) => itemId)
        .sort(),
    );
    expect(Math.max(...rotated.map(([, score]) => score))).toBeLessThan(1);
    const page = (await service.get('users/pager/recommendations?k=2&paging=true')).body;
    expect(toListed(page)).toEqual(popular().slice(0, 2));
    const next = (await service.get(`users/pager/recommendations?k=10&cursor=${page.nextCursor}`)).body;
    expect(toListed(next)).toEqual(popular().slice(2));
  });

  it('a list follows what is recorded for others, at the address that was asked before', async () => {
    expect(await listOf('nobody')).toEqual(popular());
    await service.send('POST', 'interactions', {
      interactions: Array.from({ length: 9 }, (_, n) => ({ userId: `user-${n}`, itemId: 'item-1' })),
    });
    const first = ['item-1', 9, 'popular'];
    await waitFor('the next count', async () => (await listOf('nobody'))[0]?.[1] === 9);
    expect((await listOf('nobody'))[0]).toEqual(first);
  });
});
