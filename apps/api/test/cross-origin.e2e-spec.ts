import { TestService, twoTastes } from '../../../test/support/api.js';

const SHOP = 'https://shop.example';
const PREFLIGHT = {
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization,content-type',
};

describe('pages of other origins', () => {
  let service: TestService;
  beforeAll(async () => {
    const env = { CORS_ORIGINS: `http://localhost:5173,${SHOP}` };
    service = await TestService.start({ redis: false, needsKeys: true, env });
  });
  afterAll(() => service.stop());

  const send = async (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    url = service.url,
  ) => {
    const response = await fetch(url + path, { method, headers });
    await response.body?.cancel();
    return response;
  };
  const originOf = ({ headers }: Response) => headers.get('access-control-allow-origin');
  const varyOf = ({ headers }: Response) => (headers.get('vary') ?? '').toLowerCase().split(/, */);

  it('may read nothing where CORS_ORIGINS is empty', async () => {
    const other = await service.startAnotherApi({ REQUIRE_KEYS: '1' });
    try {
      const answer = await send('GET', '/v1/catalogs', { ...service.keyHeader, origin: SHOP }, other.url);
      expect([answer.status, originOf(answer)]).toEqual([200, null]);
      const preflight = await send('OPTIONS', '/v1/catalogs', { ...PREFLIGHT, origin: SHOP }, other.url);
      expect([preflight.status, originOf(preflight)]).toEqual([401, null]);
    } finally {
      await other.process.kill();
    }
  });

  it.each([SHOP, 'http://localhost:5173'])(
    'of the origin %s may read answers, and their headers',
    async (origin) => {
      const answer = await send('GET', '/v1/catalogs', { ...service.keyHeader, origin });
      expect([answer.status, originOf(answer)]).toEqual([200, origin]);
      expect(varyOf(answer)).toContain('origin');
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
      const exposed = answer.headers.get('access-control-expose-headers')!.split(', ');
      expect(exposed).toEqual(
        expect.arrayContaining(['Location', 'Retry-After', 'ETag', 'Idempotent-Replayed']),
      );
    },
  );

  it('may read refusals too: of keys, of addresses that are none, and of bodies', async () => {
    for (const [method, path, headers, status] of [
      ['GET', '/v1/catalogs', {}, 401],
      ['GET', '/nowhere', service.keyHeader, 404],
      ['PATCH', '/v1/catalogs', service.keyHeader, 405],
      ['POST', '/v1/catalogs/default/recommendations', service.keyHeader, 422],
    ] as const) {
      const answer = await send(method, path, { ...headers, origin: SHOP });
      expect([path, answer.status, originOf(answer)]).toEqual([path, status, SHOP]);
    }
  });

  it('may follow the events of a run', async () => {
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    const { id } = await service.train();
    const path = `/v1/catalogs/default/training-runs/${id}/events`;
    const answer = await send('GET', path, { ...service.keyHeader, origin: SHOP });
    expect([answer.headers.get('content-type'), originOf(answer)]).toEqual(['text/event-stream', SHOP]);
  });

  it('ask before by a preflight, which has no key, at every address', async () => {
    for (const path of ['/v1/catalogs/default/recommendations', '/v1/catalogs', '/docs-json', '/nowhere']) {
      const answer = await send('OPTIONS', path, { ...PREFLIGHT, origin: SHOP });
      expect([path, answer.status, originOf(answer)]).toEqual([path, 204, SHOP]);
      expect(answer.headers.get('access-control-allow-headers')).toBe('authorization,content-type');
      expect(answer.headers.get('access-control-allow-methods')).toBe('GET, HEAD, PUT, POST, PATCH, DELETE');
      expect(Number(answer.headers.get('access-control-max-age'))).toBeGreaterThan(0);
    }
  });

  it('of other origins read nothing: the name has to be the same to the letter', async () => {
    for (const origin of [
      ...['https://evil.example', 'http://shop.example', `${SHOP}:8443`, `${SHOP}.evil.example`, 'null'],
      ...['https://a.shop.example', 'https://SHOP.example', `${SHOP}/`, '*'],
    ]) {
      const answer = await send('GET', '/v1/catalogs', { ...service.keyHeader, origin });
      expect([origin, answer.status, originOf(answer)]).toEqual([origin, 200, null]);
      expect(varyOf(answer)).toContain('origin');
      const preflight = await send('OPTIONS', '/v1/catalogs', { ...PREFLIGHT, origin });
      expect([origin, preflight.status, originOf(preflight)]).toEqual([origin, 401, null]);
    }
  });

  it('change nothing about OPTIONS that is no preflight, and about addresses that are none', async () => {
    const plain = await send('OPTIONS', '/v1/catalogs', { ...service.keyHeader, origin: SHOP });
    expect([plain.status, plain.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
    expect((await send('OPTIONS', '/v1/catalogs', { origin: SHOP })).status).toBe(401);
    for (const method of ['OPTIONS', 'POST', 'GET'])
      expect([method, (await send(method, '/nowhere', service.keyHeader)).status]).toEqual([method, 404]);
  });

  it('are refused on a loopback that asks for no key, also those of CORS_ORIGINS', async () => {
    await service.database.query('ALTER TABLE api_keys RENAME TO api_keys_away');
    await service.database.query('CREATE TABLE api_keys (LIKE api_keys_away INCLUDING ALL)');
    const other = await service.startAnotherApi({ CORS_ORIGINS: `http://localhost:5173,${SHOP}` });
    try {
      const refused = await send('GET', '/v1/catalogs', { origin: SHOP }, other.url);
      expect([refused.status, originOf(refused)]).toEqual([403, SHOP]);
      const local = await send('GET', '/v1/catalogs', { origin: 'http://localhost:5173' }, other.url);
      expect([local.status, originOf(local)]).toEqual([200, 'http://localhost:5173']);
    } finally {
      await other.process.kill();
      await service.database.query('DROP TABLE api_keys');
      await service.database.query('ALTER TABLE api_keys_away RENAME TO api_keys');
    }
  });
});
