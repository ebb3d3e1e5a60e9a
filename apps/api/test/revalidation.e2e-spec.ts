import { TestService, twoTastes } from '../../../test/support/api.js';

const CATALOG = '/v1/catalogs/default';

describe('reads of what seldom changes', () => {
  let service: TestService;
  let modelId: string;
  beforeAll(async () => {
    service = await TestService.start({ redis: false, needsKeys: true });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    ({ modelId } = await service.train());
  });
  afterAll(() => service.stop());

  const send = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(service.url + path, { method, headers: { ...service.keyHeader, ...headers } });
  const etagOf = async (path: string) => {
    const response = await send(path);
    await response.text();
    return response.headers.get('etag');
  };
  const addresses = () => [
    ...[CATALOG, `${CATALOG}/interaction-types`, `${CATALOG}/export/settings`, `${CATALOG}/models`],
    ...[`${CATALOG}/models/${modelId}`, `${CATALOG}/items/item-1`, '/docs-json', '/docs-yaml'],
  ];

  it('have an ETag, and are a 304 without a body for who has the answer', async () => {
    for (const path of addresses()) {
      const etag = (await etagOf(path))!;
      const form = path.includes('/items/') ? /^"\d+-[\da-z]+"$/ : /^W\/"[\w-]{43}"$/;
      expect([path, etag]).toEqual([path, expect.stringMatching(form)]);
      const strong = etag.replace(/^W\//, '');
      for (const sent of [etag, strong, `W/${strong}`, `"other", ${etag}`, '*'])
        for (const method of ['GET', 'HEAD']) {
          const response = await send(path, { 'if-none-match': sent }, method);
          expect([path, sent, response.status]).toEqual([path, sent, 304]);
          expect(response.headers.get('etag')).toBe(etag);
          expect(response.headers.get('content-length')).toBeNull();
          expect(await response.text()).toBe('');
        }
      for (const sent of ['', '"other"', etag.slice(0, -2), 'W/']) {
        const response = await send(path, { 'if-none-match': sent });
        expect([path, sent, response.status]).toEqual([path, sent, 200]);
        expect((await response.text()).length).toBeGreaterThan(0);
      }
      const head = await send(path, {}, 'HEAD');
      expect([head.status, head.headers.get('etag')]).toEqual([200, etag]);
      expect(head.headers.get('cache-control')).toBe('private, no-cache');
    }
  });

  it('have another ETag after a change', async () => {
    const put = async (path: string, body: object, changed: string) => {
      const before = await etagOf(changed);
      expect((await service.send('PUT', path, body)).status).toBeLessThan(300);
      expect(await etagOf(changed)).not.toBe(before);
      expect((await send(changed, { 'if-none-match': before! })).status).toBe(200);
    };
    await put(CATALOG, { unknownItems: 'refuse' }, CATALOG);
    await put('items/item-1', { title: 'Another' }, `${CATALOG}/items/item-1`);
    await put('interaction-types/view', { trainingWeight: 3 }, `${CATALOG}/interaction-types`);
    await put('interaction-types/view', { trainingWeight: 4 }, `${CATALOG}/export/settings`);
  });

  it('ask for a key first, and have no ETag where they are refused', async () => {
    for (const path of addresses()) {
      const response = await fetch(service.url + path, { headers: { 'if-none-match': '*' } });
      expect([path, response.status, response.headers.get('etag')]).toEqual([path, 401, null]);
    }
    const unknown = await send(`${CATALOG}/items/nowhere`, { 'if-none-match': '*' });
    expect([unknown.status, unknown.headers.get('etag')]).toEqual([404, null]);
  });

  it('are no lists of recommendations, which are new each time', async () => {
    for (const path of ['/popular', '/users/user-1/recommendations', '/items/item-1/similar'])
      expect([path, await etagOf(CATALOG + path)]).toEqual([path, null]);
  });
});
