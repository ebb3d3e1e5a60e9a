import { request as httpRequest } from 'node:http';
import { TestService, twoTastes } from '../../../test/support/api.js';
import { waitFor, type ServiceProcess } from '../../../test/support/processes.js';
import { callWithKey, type Sent } from './testing/call-with-key.js';
import { tablesWith } from './testing/tables-with.js';

type SentTo = Sent & { readonly url?: string };

describe('keys', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ redis: false });
  });
  afterAll(() => service.stop());
  /** As if there had never been a key. */
  beforeEach(async () => {
    await service.database.query('DELETE FROM api_keys');
    await service.database.query(
      `SELECT pg_notify('sparserec_' || quote_ident(current_schema())::regnamespace::oid, '{"kind":"keys-changed"}')`,
    );
    await waitFor('a service without keys', async () => (await status('/v1/catalogs')) === 200);
  });

  const call = (method: string, path: string, { url = service.url, ...sent }: SentTo = {}) =>
    callWithKey(method, url + path, sent);
  const make = async (fields: object = {}, key?: string) => {
    const body = { name: 'admin', scopes: ['admin'], ...fields };
    const made = await call('POST', '/v1/keys', { body, key });
    expect(made.status).toBe(201);
    return made.body as { readonly id: string; readonly token: string };
  };
  const status = async (path: string, sent: SentTo = {}) => (await call('GET', path, sent)).status;

  it('are needed by every process from the first one on, also when it is revoked or expires', async () => {
    const other = await service.startAnotherApi();
    try {
      expect(await status('/v1/catalogs', { url: other.url })).toBe(200);
      const { id, token } = await make();
      expect(await status('/v1/catalogs')).toBe(401);
      await waitFor(
        'the other process',
        async () => (await status('/v1/catalogs', { url: other.url })) === 401,
      );
      expect(await status('/v1/catalogs', { url: other.url, key: token })).toBe(200);
      const refused = await call('GET', '/v1/catalogs');
      expect(refused.headers.get('www-authenticate')).toContain('Bearer');
      expect(refused.body).toMatchObject({ type: '/problems/key-needed', status: 401 });
      expect((await call('DELETE', `/v1/keys/${id}`, { key: token })).status).toBe(204);
      expect(await status('/v1/catalogs', { key: token })).toBe(401);
      await waitFor(
        'the other process to refuse it',
        async () => (await status('/v1/catalogs', { url: other.url, key: token })) === 401,
      );
      await service.database.query(
        "UPDATE api_keys SET revoked_at = NULL, expires_at = now() - interval '1 second'",
      );
      const third = await service.startAnotherApi();
      for (const url of [service.url, other.url, third.url])
        for (const key of [undefined, token]) expect(await status('/v1/catalogs', { url, key })).toBe(401);
      await third.process.kill();
    } finally {
      await other.process.kill();
    }
  });

  it('are needed from the start on an address that others can reach, and the log says how to make one', async () => {
    const other = await service.startAnotherApi({ HOST: '0.0.0.0' });
    try {
      expect(await status('/v1/catalogs', { url: other.url })).toBe(401);
      expect(await status('/health/ready', { url: other.url })).toBe(200);
      const { reason } = await other.process.waitForEvent('keys.none');
      expect(reason).toContain('sparserec keys create');
      const { token: key } = await make();
      await waitFor('the key', async () => (await status('/v1/catalogs', { url: other.url, key })) === 200);
    } finally {
      await other.process.kill();
    }
  });

  it('are rotated with an overlap, and expire', async () => {
    const { id, token } = await make();
    const rotated = await call('POST', `/v1/keys/${id}/rotate`, { key: token, body: { overlapSeconds: 1 } });
    expect(rotated.status).toBe(201);
    expect(rotated.body).toMatchObject({ name: 'admin', scopes: ['admin'], catalogs: null });
    expect(rotated.body.id).not.toBe(id);
    expect(await status('/v1/keys', { key: rotated.body.token })).toBe(200);
    await waitFor('the old one to expire', async () => (await status('/v1/keys', { key: token })) === 401);
    const said = (await call('GET', '/v1/keys', { key: token })).body.detail;
    expect(said).toBe('The key has expired or was revoked');
    const again = await call('POST', `/v1/keys/${id}/rotate`, { key: rotated.body.token, body: {} });
    expect(again.body).toMatchObject({ type: '/problems/key-not-found', status: 404 });
    const past = { name: 'x', scopes: ['read'], expiresAt: '2020-01-01T00:00:00Z' };
    const refused = await call('POST', '/v1/keys', { key: rotated.body.token, body: past });
    expect(refused.body.errors).toEqual([{ pointer: '#/expiresAt', detail: 'must be in the future' }]);
  });

  it('of some catalogs see and reach no others', async () => {
    const admin = await make();
    const put = (catalog: string) => call('PUT', `/v1/catalogs/${catalog}`, { key: admin.token });
    for (const catalog of ['shop', 'books']) await put(catalog);
    const { token: key } = await make({ scopes: ['admin'], catalogs: ['shop'] }, admin.token);
    const { body } = await call('GET', '/v1/catalogs', { key });
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual(['shop']);
    expect(await status('/v1/catalogs/books', { key })).toBe(403);
    expect((await call('POST', '/v1/keys', { key, body: { name: 'x', scopes: ['read'] } })).status).toBe(403);
    const gone = await call('DELETE', '/v1/catalogs/shop', { key });
    expect(await status(gone.headers.get('location')!, { key })).toBe(200);
    const other = await call('DELETE', '/v1/catalogs/books', { key: admin.token });
    expect(await status(other.headers.get('location')!, { key })).toBe(404);
  });

  it('open Swagger UI as a password, and calls only as a bearer', async () => {
    const { token } = await make({ scopes: ['read'] });
    const basic = { authorization: `Basic ${Buffer.from(`any:${token}`).toString('base64')}` };
    const page = await call('GET', '/docs');
    expect([page.status, page.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('Basic'),
    ]);
    expect(await status('/docs', { headers: basic })).toBe(200);
    expect(await status('/docs-json', { headers: basic })).toBe(200);
    expect(await status('/v1/catalogs', { headers: basic })).toBe(401);
  });

  it('are not asked for by health checks, which then tell no details', async () => {
    expect((await call('GET', '/health/ready')).body).toMatchObject({ database: 'ok', redis: 'none' });
    const { token: key } = await make();
    expect((await call('GET', '/health/ready')).body).toEqual({ status: 'ok' });
    expect((await call('GET', '/health/live')).body).toEqual({ status: 'ok' });
    expect((await call('GET', '/health/ready', { key })).body).toMatchObject({ database: 'ok' });
  });

  it('for pages are made with origins, read lists in their pages, and are refused elsewhere', async () => {
    const { token: admin } = await make();
    const origin = 'https://shop.example';
    const fields = { scopes: ['read'], origins: [origin], catalogs: ['default'] };
    const page = await make({ name: 'page', ...fields }, admin);
    expect(page).toMatchObject(fields);
    const stored = { key: admin, body: { interactions: twoTastes(2) } };
    await call('POST', '/v1/catalogs/default/interactions', stored);
    const list = '/v1/catalogs/default/users/user-1/recommendations';
    const { status, headers: own } = await call('GET', list, { key: page.token, headers: { origin } });
    expect([status, own.get('access-control-allow-origin')]).toEqual([200, origin]);
    const forBasket = async (options: object) => {
      const pages = { key: page.token, headers: { origin }, body: { items: [], ...options } };
      return (await call('POST', '/v1/catalogs/default/recommendations', pages)).status;
    };
    const statuses = await Promise.all([{}, { preview: true }, { model: 'any' }].map(forBasket));
    expect(statuses).toEqual([200, 403, 403]);
    for (const headers of [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `${origin}.evil` },
    ]) {
      const refused = await call('GET', list, { key: page.token, headers });
      expect([headers, refused.status, refused.body.type]).toEqual([headers, 403, '/problems/not-allowed']);
      expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    }
    for (const query of ['explain=true', 'without=item-1', 'rotation=0.5', 'preview=true', 'model=any']) {
      const refused = await call('GET', `${list}?${query}`, { key: page.token, headers: { origin } });
      expect([query, refused.status]).toEqual([query, 403]);
      expect(refused.headers.get('access-control-allow-origin')).toBe(origin);
    }
    const { body } = await call('GET', '/health/ready', { key: page.token, headers: { origin } });
    expect(body).toEqual({ status: 'ok' });
  });

  it('for pages are known to preflights, which have no key, as long as they are valid', async () => {
    const { token: admin } = await make();
    const origin = 'https://shop.example';
    const preflight = () =>
      call('OPTIONS', '/v1/catalogs/default/recommendations', {
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    expect((await preflight()).status).toBe(401);
    const page = await make({ name: 'page', scopes: ['read'], origins: [origin] }, admin);
    const allowed = await preflight();
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
    const rotated = await call('POST', `/v1/keys/${page.id}/rotate`, {
      key: admin,
      body: { overlapSeconds: 0 },
    });
    expect(rotated.body).toMatchObject({ origins: [origin] });
    expect((await preflight()).status).toBe(204);
    await call('DELETE', `/v1/keys/${rotated.body.id}`, { key: admin });
    expect((await preflight()).status).toBe(401);
  });

  it('for pages take origins to the letter, and no scope but read', async () => {
    const { token: key } = await make();
    const refuse = async (fields: object) => {
      const { status, body } = await call('POST', '/v1/keys', {
        key,
        body: { name: 'x', scopes: ['read'], ...fields },
      });
      return [status, body.errors[0].pointer];
    };
    for (const origin of ['*', 'null', 'https://shop.example/', 'https://*.shop.example', 'shop.example', ''])
      expect(await refuse({ origins: [origin] })).toEqual([422, '#/origins/0']);
    expect(await refuse({ origins: [] })).toEqual([422, '#/origins']);
    for (const scopes of [['admin'], ['people'], ['read', 'people'], ['read', 'read']])
      expect(await refuse({ scopes, origins: ['https://shop.example'] })).toEqual([422, '#/scopes']);
  });

  it('are in no log, answer, metric or table but once, when they are made, also where one is sent as an id', async () => {
    const { id, token } = await make();
    const paths = [
      '/v1/keys',
      `/v1/keys/${id}`,
      '/v1/catalogs/nowhere',
      '/%zz',
      `/v1/keys/${token}`,
      `/v1/${token}`,
    ];
    const send = async (method: string, path: string, body?: unknown) =>
      JSON.stringify((await call(method, path, { key: token, body })).body);
    const answers = [
      await send('POST', '/v1/catalogs/default/interactions', { interactions: twoTastes() }),
      ...(await Promise.all([...paths, `/v1/keys?${token}=1`].map((path) => send('GET', path)))),
      await send('POST', '/v1/keys', { name: 5, [token]: token }),
      await send('DELETE', `/v1/keys/${token}`),
      await send('GET', '/v1/audit-log'),
      await (await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${token}` } })).text(),
    ];
    const secret = token.slice(-40);
    expect(answers.filter((text) => text.includes(secret))).toEqual([]);
    expect([await tablesWith(service, secret), await tablesWith(service, id)]).toEqual([
      [],
      ['api_keys', 'audit_log'],
    ]);
    const written = (process: ServiceProcess) => JSON.stringify(process.log);
    expect(written(service.api) + written(service.worker)).not.toContain(secret);
  });

  it('are in the audit log with what they changed, before it is done', async () => {
    const { id, token: key } = await make();
    const put = (body: object) => call('PUT', '/v1/catalogs/default/schedules/nightly', { key, body });
    await put({ cron: '0 3 * * *', model: 'ease' });
    await put({ cron: 'never', model: 'ease' });
    await call('POST', '/v1/catalogs/default/interactions', { key, body: { interactions: twoTastes(1) } });
    await call('PUT', '/v1/catalogs/audited', { key });
    await call('DELETE', '/v1/catalogs/audited', { key });
    const { body } = await call('GET', '/v1/audit-log?limit=5', { key });
    const schedule = '/v1/catalogs/default/schedules/nightly';
    expect(
      body.items.map((entry: Record<string, unknown>) => [
        entry['method'],
        entry['address'],
        entry['status'],
      ]),
    ).toEqual([
      ['DELETE', '/v1/catalogs/audited', 202],
      ['PUT', '/v1/catalogs/audited', 201],
      ['PUT', schedule, 422],
      ['PUT', schedule, 201],
      ['POST', '/v1/keys', 201],
    ]);
    expect(body.items[0]).toMatchObject({ keyId: id, keyName: 'admin', route: '/v1/catalogs/:catalog' });
    expect(body.items[4]).toMatchObject({ keyId: null, keyName: null });
    await service.database.query('ALTER TABLE audit_log RENAME TO audit_log_away');
    const refused = await call('PUT', '/v1/catalogs/unseen', { key });
    await service.database.query('ALTER TABLE audit_log_away RENAME TO audit_log');
    expect(refused.status).toBeGreaterThanOrEqual(500);
    expect(await status('/v1/catalogs/unseen', { key })).toBe(404);
  });

  it('show the minute of their last use when a process has ended', async () => {
    const { token: key } = await make();
    const other = await service.startAnotherApi();
    expect(await status('/v1/catalogs', { key, url: other.url })).toBe(200);
    await other.process.kill('SIGTERM');
    const { body } = await call('GET', '/v1/keys', { key });
    expect(body.items[0].lastUsedAt).toMatch(/:00\.000Z$/);
  });

  it('are not needed by this machine before the first, and by pages of other sites at once', async () => {
    const port = new URL(service.url).port;
    const origin = (text: string) => status('/v1/catalogs', { headers: { origin: text } });
    expect(await origin(`http://localhost:${port}`)).toBe(200);
    for (const other of ['http://evil.example', `http://127.0.0.1.evil.example:${port}`, 'null'])
      expect([other, await origin(other)]).toEqual([other, 403]);
    const named = (host: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const sent = httpRequest(`${service.url}/v1/catalogs`, { headers: { host } });
        sent.on('error', reject).on('response', (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.end();
      });
    for (const host of ['localhost', `127.0.0.1:${port}`, '[::1]:80']) expect(await named(host)).toBe(200);
    for (const host of ['evil.example', 'localhost.evil.example', '192.0.2.1', 'a b'])
      expect([host, await named(host)]).toEqual([host, 403]);
  });
});
