import { TestService, twoTastes, type Reply } from '../../../test/support/api.js';

const CATALOG = '/v1/catalogs/default';
const LIST = `${CATALOG}/users/user-1/recommendations`;

describe('the scope people', () => {
  let service: TestService;
  const tokens: Record<string, string> = {};

  beforeAll(async () => {
    service = await TestService.start({ redis: false, worker: false, needsKeys: true });
    await service.send('POST', 'interactions', { interactions: twoTastes(2) });
    for (const scopes of [['read'], ['people'], ['read', 'people']]) {
      const { body } = await service.send('POST', '/v1/keys', { name: 'test', scopes });
      tokens[scopes.join()] = body.token;
    }
  });
  afterAll(() => service.stop());

  const call = async (
    scopes: string,
    path: string,
    body?: object,
  ): Promise<Pick<Reply, 'status' | 'body'>> => {
    const response = await fetch(service.url + path, {
      headers: { authorization: `Bearer ${tokens[scopes]}`, 'content-type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.text() };
  };
  /** Of a GET by keys of `read`, of `people` and of both. */
  const statuses = async (path: string): Promise<number[]> => {
    const replies = Object.keys(tokens).map((scopes) => call(scopes, path));
    return (await Promise.all(replies)).map(({ status }) => status);
  };

  it('is needed for reasons of a list for a user beside read, and for users like a user', async () => {
    for (const query of ['', '?explain=false', '?k=3'])
      expect([query, await statuses(LIST + query)]).toEqual([query, [200, 403, 200]]);
    expect(await statuses(`${LIST}?explain=true`)).toEqual([403, 403, 200]);
    expect(await statuses(`${CATALOG}/users/user-1/similar`)).toEqual([403, 200, 200]);
  });

  it('is needed for every query that could be taken as one for reasons', async () => {
    for (const query of ['explain=True', 'explain=1', 'explain', 'explain=false&explain=true'])
      expect([query, await statuses(`${LIST}?${query}`)]).toEqual([query, [403, 403, 422]]);
  });

  it('is needed for a boost that reads what is known of a user, which no page may send', async () => {
    const browser = { name: 'page', scopes: ['read'], origins: ['https://shop.example'] };
    const { body: page } = await service.send('POST', '/v1/keys', browser);
    const headers = { authorization: `Bearer ${page.token}`, origin: browser.origins[0]! };
    for (const boost of ['userTag("x")', 'score + userMetadata("age")']) {
      const query = `?boost=${encodeURIComponent(boost)}`;
      expect([boost, await statuses(LIST + query)]).toEqual([boost, [403, 403, 200]]);
      const lines = {
        requests: [
          { userId: 'user-1', boost },
          { items: [], boost },
        ],
      };
      const { body } = await call('read', `${CATALOG}/recommendations/batch`, lines);
      const problems = body
        .trimEnd()
        .split('\n')
        .map((line: string) => JSON.parse(line).error?.status);
      expect(problems).toEqual([403, undefined]);
      expect((await fetch(service.url + LIST + query, { headers })).status).toBe(403);
    }
    expect((await fetch(service.url + LIST, { headers })).status).toBe(200);
  });

  it('is not needed for reasons of a basket', async () => {
    const basket = { items: [{ itemId: 'item-1' }], explain: true };
    expect((await call('read', `${CATALOG}/recommendations`, basket)).status).toBe(200);
  });

  it('is needed for the lines of a batch that ask for reasons of a user, and for no others', async () => {
    const requests = [
      { userId: 'user-1', explain: true, k: 1 },
      { userId: 'user-1', k: 1 },
      { items: [{ itemId: 'item-1' }], explain: true, k: 1 },
    ];
    const typesOf = async (scopes: string) => {
      const { body } = await call(scopes, `${CATALOG}/recommendations/batch`, { requests });
      const lines = String(body).trimEnd().split('\n');
      return lines.map((line) => (JSON.parse(line) as { error?: { type: string } }).error?.type);
    };
    const rank = { userId: 'user-1', candidates: ['item-1'], explain: true };
    const statusOf = async (scopes: string, body: object) =>
      (await call(scopes, `${CATALOG}/recommendations/rank`, body)).status;
    expect(await statusOf('read', rank)).toBe(403);
    expect(await statusOf('read', { ...rank, explain: false })).toBe(200);
    const boosted = { ...rank, explain: false, boost: 'userTag("member")' };
    expect([await statusOf('read', boosted), await statusOf('read,people', boosted)]).toEqual([403, 200]);
    expect(await statusOf('read', { ...rank, userId: undefined, items: [] })).toBe(200);
    expect(await statusOf('read,people', rank)).toBe(200);
    expect(await typesOf('read')).toEqual(['/problems/not-allowed', undefined, undefined]);
    expect(await typesOf('read,people')).toEqual([undefined, undefined, undefined]);
  });
});
