import fc from 'fast-check';
import { TestService, twoTastes } from '../../../test/support/api.js';
import { describeOnBackends } from '../../../test/support/redis.js';

interface Item {
  readonly itemId: string;
  readonly score: number;
  readonly baseScore?: number;
  readonly source: string;
}

describeOnBackends('pages and rotation', ({ redis }) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.train();
    await service.send('POST', 'items', {
      items: Array.from({ length: 5 }, (_, n) => ({ itemId: `new-${n}`, tags: ['new'] })),
    });
  });
  afterAll(() => service.stop());

  const listOf = async (userId: string, options: Record<string, string | number> = {}) => {
    const query = new URLSearchParams(Object.entries(options).map(([name, value]) => [name, String(value)]));
    return service.get(`users/${userId}/recommendations?${query}`);
  };
  /** Scores after a rotation go up while time goes by. */
  const scoreless = ({ itemId, source }: Item) => ({ itemId, source });
  const ids = (reply: { items: Item[] }) => reply.items.map(({ itemId }) => itemId);

  /** All pages from a cursor on. */
  async function readOn(userId: string, cursor: string | undefined, k: number): Promise<Item[]> {
    const items: Item[] = [];
    for (let next = cursor; next !== undefined;) {
      const { status, body } = await listOf(userId, { cursor: next, k });
      expect(status).toBe(200);
      items.push(...body.items);
      next = body.nextCursor;
    }
    return items;
  }

  it('are together the one long list, whatever it is', async () => {
    const options = fc.record(
      {
        filter: fc.constantFrom('{"tags":{"none":["new"]}}', '{"tags":{"any":["new"]}}'),
        boost: fc.constantFrom('score + popularity / 100', 'tag("new") - score'),
        exclude: fc.constantFrom('item-2', 'new-1'),
        without: fc.constantFrom('item-0', 'item-1'),
        minScore: fc.constantFrom(0, 0.05),
        diversity: fc.constantFrom(0, 0.4),
        pins: fc.constant('{"item-3":1}'),
      },
      { requiredKeys: [] },
    );
    const users = fc.constantFrom('user-0', 'user-1', 'nobody');
    await fc.assert(
      fc.asyncProperty(options, users, fc.integer({ min: 1, max: 9 }), async (wish, userId, k) => {
        const whole = (await listOf(userId, { ...wish, k: 200 })).body;
        const { body } = await listOf(userId, { ...wish, k, paging: 'true' });
        const rest = await readOn(userId, body.nextCursor, k + 1);
        expect([...body.items, ...rest]).toEqual(whole.items);
      }),
      { numRuns: 30, seed: 43 },
    );
  });

  it('stay as they were when the user goes on and another model becomes active', async () => {
    const whole = (await listOf('user-4', { k: 200 })).body;
    const first = (await listOf('user-4', { k: 3, paging: 'true' })).body;
    await service.send('POST', 'interactions', {
      interactions: [{ userId: 'user-4', itemId: ids(whole)[4]! }],
    });
    await service.train({ model: 'ease', parameters: { regularization: 50 } });
    const second = (await listOf('user-4', { k: 4, cursor: first.nextCursor })).body;
    expect(second.modelId).toBe(first.modelId);
    expect((await listOf('user-4', { k: 1 })).body.modelId).not.toBe(first.modelId);
    const rest = await readOn('user-4', second.nextCursor, 5);
    expect([...first.items, ...second.items, ...rest]).toEqual(whole.items);
    const gone = second.items[1].itemId;
    await service.send('PUT', `items/${gone}`, { available: false });
    const again = (await listOf('user-4', { k: 4, cursor: first.nextCursor })).body;
    expect(ids(again)).toEqual([...ids(second), ids({ items: rest })[0]].filter((id) => id !== gone));
    await service.send('PUT', `items/${gone}`, { available: true });
    const end = (await listOf('user-4', { k: 1_000, cursor: first.nextCursor })).body;
    expect(end.nextCursor).toBeUndefined();
    expect(end.reason).toMatch(/^fewer-items-/);
  });

  it('are refused where a cursor is none, is of someone else, or is kept no longer', async () => {
    const cursorOf = async () => (await listOf('user-0', { k: 2, paging: 'true' })).body.nextCursor as string;
    const cursor = await cursorOf();
    for (const [userId, text] of [
      ['user-0', 'x'],
      ['user-0', `${cursor}x`],
      ['user-0', (cursor.startsWith('A') ? 'B' : 'A') + cursor.slice(1)],
      ['user-1', cursor],
    ] as const) {
      const { status, body } = await listOf(userId, { cursor: text });
      expect([status, body.errors?.[0].pointer]).toEqual([422, '#/cursor']);
    }
    const both = await listOf('user-0', { cursor, minScore: 1, rotation: 0.5 });
    expect(both.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '#/minScore',
      '#/rotation',
    ]);
    expect((await listOf('user-0', { paging: 'true', explain: 'true' })).status).toBe(422);
    const others = [await cursorOf(), await cursorOf(), await cursorOf()];
    for (const one of [cursor, ...others]) expect((await listOf('user-0', { cursor: one })).status).toBe(200);
    others.push(await cursorOf());
    for (const one of others) expect((await listOf('user-0', { cursor: one })).status).toBe(200);
    const { status, body } = await listOf('user-0', { cursor });
    expect([status, body.type]).toEqual([410, '/problems/cursor-expired']);
  });

  it('rotates within what diversity, pins and paging say', async () => {
    const pins = '{"item-23":2,"new-1":4}';
    // No share of one score is another score, so that moments between calls decide nothing.
    const wishes = fc.record({
      rotation: fc.constantFrom(0.37, 0.83),
      diversity: fc.constantFrom(0, 0.2, 0.7),
      k: fc.integer({ min: 4, max: 9 }),
      shown: fc.integer({ min: 0, max: 9 }),
    });
    let serial = 0;
    await fc.assert(
      fc.asyncProperty(wishes, async ({ shown, k, ...wish }) => {
        // Twins have one history, and were shown the same.
        const [paged, whole] = [`twin-${serial++}`, `twin-${serial++}`] as const;
        await service.send('POST', 'interactions', {
          interactions: [paged, whole].flatMap((userId) =>
            [0, 2, 5].map((n) => ({ userId, itemId: `item-${n}`, occurredAt: '2026-01-01T00:00:00Z' })),
          ),
        });
        const options = { ...wish, rotationHalfLifeHours: 8_760 };
        if (shown > 0)
          for (const twin of [paged, whole]) await listOf(twin, { ...options, diversity: 0, k: shown });
        const { body } = await listOf(paged, { ...options, pins, k, paging: 'true' });
        const items: Item[] = [...body.items, ...(await readOn(paged, body.nextCursor, k))];
        const list = (await listOf(whole, { ...options, pins, k: 200 })).body;
        expect(items.map(({ itemId }) => itemId)).toEqual(ids(list));
        expect(new Set(ids(list)).size).toBe(list.items.length);
        expect([items[1], items[3]]).toEqual([
          expect.objectContaining({ itemId: 'item-23', source: 'pinned' }),
          expect.objectContaining({ itemId: 'new-1', source: 'pinned' }),
        ]);
        expect(items.some(({ baseScore }) => baseScore !== undefined)).toBe(shown > 0);
      }),
      { numRuns: 15, seed: 44 },
    );
  });

  it('counts each page as shown when it is read, and no sooner', async () => {
    const options = { k: 1, rotation: 1, rotationHalfLifeHours: 8_760 };
    // Both have the same history.
    const [reader, other] = ['user-10', 'user-34'];
    const whole = ids((await listOf(reader, { k: 3 })).body);
    expect(ids((await listOf(other, { k: 3 })).body)).toEqual(whole);
    const pages = [reader, other].map(
      async (userId) => (await listOf(userId, { ...options, paging: 'true' })).body,
    );
    const [first, same] = await Promise.all(pages);
    expect([ids(first), ids(same)]).toEqual([whole.slice(0, 1), whole.slice(0, 1)]);
    const second = (await listOf(reader, { k: 1, cursor: first.nextCursor })).body;
    expect(ids(second)).toEqual(whole.slice(1, 2));
    expect(ids((await listOf(reader, options)).body)).toEqual(whole.slice(2, 3));
    expect(ids((await listOf(other, options)).body)).toEqual(whole.slice(1, 2));
  });

  it('lets what was shown rank lower, for that user and with a rotation only', async () => {
    const plain = (await listOf('user-6', { k: 4 })).body;
    const first = (await listOf('user-6', { k: 2, rotation: 1 })).body;
    expect(first.items).toEqual(plain.items.slice(0, 2));
    const second = (await listOf('user-6', { k: 2, rotation: 1 })).body;
    for (const itemId of ids(second)) expect(ids(first)).not.toContain(itemId);
    const all = (await listOf('user-6', { k: 40, rotation: 1 })).body;
    const fallen = all.items.find(({ itemId }: Item) => itemId === ids(first)[0]);
    expect(fallen.baseScore).toBe(first.items[0].score);
    expect(fallen.score).toBeLessThan(first.items[0].score / 100);
    expect((await listOf('user-6', { k: 4 })).body.items).toEqual(plain.items);
    const [line] = (
      await service.send('POST', 'recommendations/batch', {
        requests: [{ userId: 'user-6', k: 40, rotation: 0.5 }],
      })
    ).body.split('\n');
    expect(JSON.parse(line).items.some(({ baseScore }: Item) => baseScore !== undefined)).toBe(true);
  });

  it('explains the score before the rotation', async () => {
    await listOf('user-8', { k: 4, rotation: 0.5 });
    const { items } = (await listOf('user-8', { k: 4, rotation: 0.5, explain: 'true' })).body;
    expect(items.some(({ baseScore }: Item) => baseScore !== undefined)).toBe(true);
    for (const { score, baseScore = score, because } of items) {
      const sum = because.reduce((total: number, { part }: { part: number }) => total + part, 0);
      expect(sum).toBeCloseTo(baseScore, 5);
    }
  });

  it('store nothing of a preview, which is what the next list will be', async () => {
    const options = { k: 2, rotation: 1, rotationHalfLifeHours: 8_760 };
    const looked = { ...options, preview: 'true' };
    await listOf('user-9', options);
    const first = (await listOf('user-9', looked)).body.items;
    expect((await listOf('user-9', looked)).body.items.map(scoreless)).toEqual(first.map(scoreless));
    expect((await listOf('user-9', options)).body.items.map(scoreless)).toEqual(first.map(scoreless));
    expect(ids((await listOf('user-9', looked)).body)).not.toEqual(ids({ items: first }));
  });

  it('use nothing of a user who has said no, and all of it again after a yes', async () => {
    const options = { k: 40, explain: 'true', boost: 'score + popularity' };
    const allow = async (personal: boolean) => {
      const consent = { training: true, personal };
      const put = await service.send('PUT', 'users/user-16/consent', consent);
      expect([put.status, put.body]).toMatchObject([200, consent]);
      expect((await service.get('users/user-16')).body.consent).toEqual(put.body);
      expect((await service.get('users/user-16/consent')).body).toEqual(put.body);
    };
    const plain = async (userId: string, wish: Record<string, string | number>) => {
      const { recommendationId: _, nextCursor: __, ...rest } = (await listOf(userId, wish)).body;
      return rest;
    };
    const before = await plain('user-16', options);
    const old = (await listOf('user-16', { k: 2, paging: 'true', rotation: 1 })).body;
    await allow(false);
    const wishes = [options, { k: 3, rotation: 1 }, { k: 3, rotation: 1 }, { k: 2, paging: 'true' }];
    for (const [n, wish] of wishes.entries())
      expect(await plain('user-16', wish)).toEqual({
        ...(await plain(`nobody-${n}`, wish)),
        personalised: false,
      });
    const expired = await listOf('user-16', { cursor: old.nextCursor });
    expect([expired.status, expired.body.type]).toEqual([410, '/problems/cursor-expired']);
    const first = (await listOf('user-16', { k: 2, paging: 'true' })).body;
    const second = (await listOf('user-16', { k: 2, cursor: first.nextCursor })).body;
    expect(second.personalised).toBe(false);
    const similar = (await service.get('users/user-16/similar')).body;
    expect([similar.users, similar.reason]).toEqual([[], 'no-consent']);
    const batch = await service.send('POST', 'recommendations/batch', {
      requests: [{ userId: 'user-16', k: 3 }],
    });
    expect(JSON.parse(batch.body)).toMatchObject({ personalised: false });
    const { body } = await service.get('users/user-16/export');
    const rows: Record<string, unknown>[] = body
      .trim()
      .split('\n')
      .map((line: string) => JSON.parse(line));
    expect(rows.filter(({ personal }) => personal === false).map(({ kind }) => kind)).toEqual([
      ...['user', 'cached-history'],
    ]);
    await allow(true);
    expect(await plain('user-16', options)).toEqual(before);
    expect(before).not.toHaveProperty('personalised');
    expect((await listOf('user-16', { cursor: second.nextCursor })).body.personalised).toBe(false);
    expect((await listOf('user-16', { cursor: old.nextCursor })).status).toBe(200);
  });

  it.each([
    ['paging=true&preview=true', '#/preview'],
    ['preview=yes', '#/preview'],
    ['model=', '#/model'],
    ['rotation=2', '#/rotation'],
    ['rotation=-0.1', '#/rotation'],
    ['rotation=much', '#/rotation'],
    ['rotationHalfLifeHours=0', '#/rotationHalfLifeHours'],
    ['paging=1', '#/paging'],
    ['cursor=', '#/cursor'],
    [`cursor=${'A'.repeat(200)}`, '#/cursor'],
  ])('refuses %s', async (query, pointer) => {
    const { status, body } = await service.get(`users/u/recommendations?${query}`);
    expect([status, body.errors?.[0].pointer]).toEqual([422, pointer]);
  });
});
