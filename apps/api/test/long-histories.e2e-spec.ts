import { TestService } from '../../../test/support/api.js';
import { describeOnBackends } from '../../../test/support/redis.js';

const SIZES = [1, 999, 1_000, 1_001, 5_000];
const NUM_ITEMS = 5_600;
const MOST = 1_000;

interface Listed {
  readonly items: readonly { readonly itemId: string }[];
  readonly reason?: string;
}

/** The newest first: a user of n items has bought item-0 to item-(n − 1), one a second. */
const bought = (size: number) =>
  Array.from({ length: size }, (_, n) => ({
    userId: `buyer-${size}`,
    itemId: `item-${n}`,
    type: 'buy',
    occurredAt: new Date(Date.UTC(2026, 0, 1) - n * 1_000).toISOString(),
  }));

describeOnBackends('a user with many items', ({ redis }) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis });
    await service.send('PUT', 'interaction-types/peek', { excludesSeen: false });
    const items = Array.from({ length: NUM_ITEMS }, (_, n) => ({ itemId: `item-${n}` }));
    for (let start = 0; start < NUM_ITEMS; start += MOST)
      await service.send('POST', 'items', { items: items.slice(start, start + MOST) });
    await service.send('POST', 'interactions', { interactions: SIZES.flatMap(bought) });
    await service.train({ model: 'item-knn' });
  });
  afterAll(() => service.stop());

  const listOf = async (size: number, query = ''): Promise<Listed> =>
    (await service.get(`users/buyer-${size}/recommendations?k=${MOST}${query}`)).body;
  const ids = ({ items }: Listed) => items.map(({ itemId }) => itemId);
  const batch = async (requests: readonly unknown[]): Promise<Listed[]> => {
    const { body } = await service.send('POST', 'recommendations/batch', { requests });
    return (body as string)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Listed);
  };
  /** What a list may have, from all interactions. */
  const unseen = (size: number) =>
    new Set(Array.from({ length: NUM_ITEMS - size }, (_, n) => `item-${size + n}`));

  const expectUnseen = (list: Listed, size: number) => {
    const open = unseen(size);
    expect(ids(list).filter((id) => !open.has(id))).toEqual([]);
    expect(new Set(ids(list)).size).toBe(Math.min(MOST, open.size));
    expect(list.reason).toBe(open.size < MOST ? 'fewer-items-left-unseen' : undefined);
  };

  it.each(SIZES)('is never answered what it has seen, in single and batch calls: %d items', async (size) => {
    const [first, ...others] = [
      await listOf(size),
      await listOf(size),
      await listOf(size),
      ...(await batch([{ userId: `buyer-${size}`, k: MOST }])),
      await listOf(size, '&boost=score'),
      await listOf(size, '&rotation=0.5'),
      await listOf(size, '&minScore=0'),
    ];
    expectUnseen(first, size);
    for (const list of others) expectUnseen(list, size);
    for (const list of others.slice(0, 3)) expect(ids(list)).toEqual(ids(first));
    const diverse = await service.get(`users/buyer-${size}/recommendations?k=20&diversity=0.5`);
    expect(ids(diverse.body).filter((id) => !unseen(size).has(id))).toEqual([]);
  });

  it('is never answered it on any page', async () => {
    const seen: string[] = [];
    let { body } = await service.get('users/buyer-5000/recommendations?k=250&paging=true');
    for (;;) {
      seen.push(...ids(body));
      if (body.nextCursor === undefined) break;
      ({ body } = await service.get(`users/buyer-5000/recommendations?k=250&cursor=${body.nextCursor}`));
    }
    expect(new Set(seen)).toEqual(unseen(5_000));
  });

  it('is answered it where the call goes without it, or its type does not exclude', async () => {
    const oldest = 'item-1000';
    expect(ids(await listOf(1_001))).not.toContain(oldest);
    const single = await service.get(
      `users/buyer-1001/recommendations?k=1&without=${oldest}&filter=${encodeURIComponent('{"tags":{"any":["old"]}}')}`,
    );
    expect(single.body.items).toEqual([]);
    await service.send('PUT', `items/${oldest}`, { tags: ['old'] });
    const query = `k=1&filter=${encodeURIComponent('{"tags":{"any":["old"]}}')}`;
    const answered = async (rest = '') =>
      ids((await service.get(`users/buyer-1001/recommendations?${query}${rest}`)).body);
    expect(await answered()).toEqual([]);
    expect(await answered(`&without=${oldest}`)).toEqual([oldest]);
    await service.send('PUT', 'interaction-types/buy', { excludesSeen: false });
    expect(await answered()).toEqual([oldest]);
    await service.send('PUT', 'interaction-types/buy', { excludesSeen: true });
    expect(await answered()).toEqual([]);
  });

  it('is not answered it after the newest interaction either, whoever is asked', async () => {
    await service.send('POST', 'interactions', {
      interactions: [{ userId: 'buyer-1001', itemId: 'item-1001', type: 'buy' }],
    });
    const list = await listOf(1_001);
    for (const id of ['item-999', 'item-1000', 'item-1001']) expect(ids(list)).not.toContain(id);
    if (redis) await service.redis!.flush();
    expect(ids(await listOf(1_001))).toEqual(ids(list));
    const another = await service.startAnotherApi();
    const reply = await fetch(
      `${another.url}/v1/catalogs/default/users/buyer-1001/recommendations?k=${MOST}`,
    );
    expect(ids((await reply.json()) as Listed)).toEqual(ids(list));
    await another.process.kill();
  });
});
