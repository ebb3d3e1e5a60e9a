import { TestService, twoTastes } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';

interface Item {
  readonly itemId: string;
}

describe('many lists, or many candidates', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis: false });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    const items = Array.from({ length: 24 }, (_, n) => ({
      itemId: `item-${n}`,
      tags: [n % 2 === 0 ? 'even' : 'odd'],
    }));
    await service.send('POST', 'items', { items });
    await service.train();
  });
  afterAll(() => service.stop());

  const linesOf = async (requests: object[]) => {
    const { status, headers, body } = await service.send('POST', 'recommendations/batch', { requests });
    expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    expect(body.endsWith('\n')).toBe(true);
    return body
      .trimEnd()
      .split('\n')
      .map((line: string) => JSON.parse(line));
  };

  it('answers a line a request, in order, equal to the single calls', async () => {
    const requests = Array.from({ length: 1_000 }, (_, n) =>
      n % 2 === 0
        ? { userId: `user-${n % 50}`, k: 1 + (n % 7) }
        : { items: [{ itemId: `item-${n % 24}` }], k: 3, filter: { tags: { any: ['even'] } } },
    );
    const lines = await linesOf(requests);
    expect(lines.map(({ index }: { index: number }) => index)).toEqual([...requests.keys()]);
    for (const n of [0, 1, 48, 333]) {
      const single =
        n % 2 === 0
          ? (await service.get(`users/user-${n % 50}/recommendations?k=${1 + (n % 7)}`)).body
          : (await service.send('POST', 'recommendations', requests[n])).body;
      expect(lines[n].items).toEqual(single.items);
      expect(lines[n].reason).toBe(single.reason);
    }
  });

  it('says what is wrong with single requests and answers the others', async () => {
    const lines = await linesOf([
      { userId: 'user-1', k: 2 },
      { userId: 'user-1', k: 0 },
      { userId: '', items: [] },
      { k: 3 },
      { items: [], boost: 'evaluate("1")' },
      { items: [{ itemId: 'item-1' }], k: 2 },
    ]);
    expect(lines.map(({ items }: { items?: Item[] }) => items?.length)).toEqual([
      2,
      undefined,
      undefined,
      undefined,
      undefined,
      2,
    ]);
    const pointers = lines.map(({ error }: { error?: { status: number; errors: { pointer: string }[] } }) =>
      error?.errors.map(({ pointer }) => pointer),
    );
    expect(pointers.slice(1, 5)).toEqual([
      ['#/requests/1/k'],
      ['#/requests/2/userId', '#/requests/2/items'],
      ['#/requests/3/items'],
      ['#/requests/4/boost'],
    ]);
    expect(lines[4].error).toMatchObject({ type: '/problems/validation-failed', status: 422 });
  });

  it('goes on when the database does not answer', async () => {
    await service.database.allowConnections(false);
    const lines = await linesOf([
      { items: [{ itemId: 'item-1' }], k: 2 },
      { items: [], filter: { 'metadata.never-asked': { eq: 1 } } },
      { items: [], k: 2 },
    ]);
    await service.database.allowConnections(true);
    expect(lines.map(({ items }: { items?: Item[] }) => items?.length)).toEqual([2, undefined, 2]);
    expect(lines[1]).toMatchObject({
      index: 1,
      error: { type: '/problems/database-unavailable', status: 503 },
    });
    await waitFor('the database', async () => (await service.get('/health/ready')).status === 200);
  });

  it('is refused as a whole where it is none', async () => {
    const refused = async (body: unknown) =>
      (await service.send('POST', 'recommendations/batch', body)).status;
    expect(await refused({ requests: [] })).toBe(422);
    expect(await refused({ requests: Array(1_001).fill({ userId: 'a' }) })).toBe(422);
    expect(await refused({ requests: ['user-1'] })).toBe(422);
    expect(
      (await service.send('POST', '/v1/catalogs/nope/recommendations/batch', { requests: [{}] })).status,
    ).toBe(404);
  });

  it('orders candidates as the list of all items has them, with reasons, and says why others are left out', async () => {
    await service.send('PUT', 'items/away', { available: false });
    await service.send('PUT', 'items/fresh', { tags: ['odd'] });
    const rank = async (request: object) => {
      const { status, body } = await service.send('POST', 'recommendations/rank', request);
      expect(status).toBe(200);
      return body;
    };
    const known = Array.from({ length: 24 }, (_, n) => `item-${(7 * n) % 24}`);
    const ofUser = (userId: string) => ({ userId });
    const basket = { items: [{ itemId: 'item-2' }, { itemId: 'item-4', weight: 3 }, { itemId: 'none' }] };
    for (const whom of [ofUser('user-3'), ofUser('nobody'), basket])
      for (const options of [
        { explain: true },
        { boost: 'tag("odd") - score', explain: true },
        { minScore: 0.05, without: ['item-4', 'item-5'], fields: ['tags'] },
      ])
        for (const candidates of [
          known.slice(0, 9),
          ['fresh', 'away', 'missing', 'fresh', ...known.slice(11)],
        ]) {
          const { leftOut, ...ranked } = await rank({ ...whom, ...options, candidates });
          const [all] = await linesOf([{ ...whom, ...options, k: 1_000 }]);
          const wanted = all.items.filter(({ itemId }: Item) => candidates.includes(itemId));
          expect(ranked.items).toEqual(wanted);
          expect(ranked).toMatchObject({ modelId: all.modelId, exact: true });
          expect(ranked.unknownItems).toEqual(all.unknownItems);
          const answered = new Set(ranked.items.map(({ itemId }: Item) => itemId));
          const missing = [...new Set(candidates)].filter((itemId) => !answered.has(itemId));
          expect(leftOut.map(({ itemId }: Item) => itemId)).toEqual(missing);
        }
    const request = {
      ...basket,
      candidates: ['away', 'item-2', 'missing', 'item-6', 'item-4'],
      without: ['item-4'],
    };
    expect((await rank({ ...request, minScore: 1e9 })).leftOut).toEqual([
      { itemId: 'away', reason: 'unavailable' },
      { itemId: 'item-2', reason: 'seen' },
      { itemId: 'missing', reason: 'unknown' },
      { itemId: 'item-6', reason: 'score' },
      { itemId: 'item-4', reason: 'score' },
    ]);
    expect((await rank({ userId: 'nobody', candidates: known })).leftOut).toEqual([]);
  });
});
