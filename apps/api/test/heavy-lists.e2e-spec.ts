import { TestService } from '../../../test/support/api.js';

const NUM_ITEMS = 6_000;
/** Hundreds of lists of similar items are asked of the model for it. */
const HEAVY = 'diversity=0.5&k=200';

/** Every user has ten items that lie close together. */
function neighbours(first: number, users: number) {
  return Array.from({ length: users }, (_, user) =>
    Array.from({ length: 10 }, (_, n) => ({
      userId: `user-${first + user}`,
      itemId: `item-${(2 * (first + user) + n) % NUM_ITEMS}`,
      occurredAt: '2026-01-01T00:00:00Z',
    })),
  ).flat();
}

describe('lists that take long', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis: false, env: { HEAVY_THREADS: '1', HEAVY_QUEUE: '2' } });
    for (let first = 0; first < 3_000; first += 1_000)
      await service.send('POST', 'interactions', { interactions: neighbours(first, 1_000) });
    await service.train({ model: 'item-knn' });
  }, 120_000);
  afterAll(() => service.stop());

  it('are answered one after another, and beyond the queue with a time to come back', async () => {
    const path = (user: number) => `users/user-${user}/recommendations?${HEAVY}`;
    const alone = await service.get(path(0));
    expect([alone.status, alone.body.items.length]).toEqual([200, 200]);
    const replies = await Promise.all(Array.from({ length: 12 }, () => service.get(path(0))));
    const answered = replies.filter(({ status }) => status === 200);
    const refused = replies.filter(({ status }) => status === 503);
    expect(answered.length + refused.length).toBe(12);
    expect(answered.length).toBeGreaterThanOrEqual(3);
    for (const { body } of answered) expect(body.items).toEqual(alone.body.items);
    for (const { headers, body } of refused) {
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(body).toMatchObject({ type: '/problems/too-busy', status: 503 });
    }
    expect(refused.length).toBeGreaterThan(0);
    expect((await service.get(path(1))).status).toBe(200);
  });

  it('do not keep others from being answered, nor does a batch of them', async () => {
    const requests = Array.from({ length: 20 }, (_, user) => ({
      userId: `user-${user}`,
      k: user % 2 === 0 ? 200 : 3,
      ...(user % 2 === 0 && { diversity: 0.5 }),
    }));
    const batch = service.send('POST', 'recommendations/batch', { requests });
    for (let call = 0; call < 20; call++) expect((await service.get('popular?k=3')).status).toBe(200);
    const lines = (await batch).body
      .trimEnd()
      .split('\n')
      .map((line: string) => JSON.parse(line));
    expect(lines.map(({ index }: { index: number }) => index)).toEqual([...requests.keys()]);
    expect(lines.filter(({ items }: { items?: unknown }) => items).length).toBeGreaterThanOrEqual(10);
    for (const { index, items, error } of lines) {
      if (error) expect(error).toMatchObject({ type: '/problems/too-busy', status: 503 });
      else expect(items).toHaveLength(requests[index]!.k);
      if (index % 2 === 1) expect(error).toBeUndefined();
    }
  });

  it('are made of the model that is active when they come, while another takes its place', async () => {
    const { body } = await service.get('/v1/catalogs/default/models');
    const [before] = body.items.map(({ id }: { id: string }) => id);
    const asked = [0, 1, 2].map((user) => service.get(`users/user-${user}/recommendations?${HEAVY}`));
    await service.train({ model: 'item-knn', parameters: { entriesPerRow: 20 } });
    for (const { status, body: reply } of await Promise.all(asked))
      expect([status, reply.modelId]).toEqual([200, before]);
    const after = await service.get(`users/user-0/recommendations?${HEAVY}`);
    expect([after.status, after.body.items.length, after.body.modelId === before]).toEqual([200, 200, false]);
  });
});
