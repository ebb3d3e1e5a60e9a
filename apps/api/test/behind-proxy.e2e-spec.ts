import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { TestService, type AnotherApi } from '../../../test/support/api.js';
import { call } from '../../../test/support/http.js';

const PREFIX = '/shop/recommender';
const FORWARDED = {
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'shop.example',
  'x-forwarded-prefix': PREFIX,
};

describe('an API behind a proxy', () => {
  let service: TestService;
  /** An API that trusts this machine. */
  let trusting: AnotherApi;
  const others: AnotherApi[] = [];
  const servers: Server[] = [];

  beforeAll(async () => {
    service = await TestService.start({ redis: false, needsKeys: true });
    trusting = await service.startAnotherApi({ TRUST_PROXY: '10.0.0.0/8,127.0.0.1' });
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) server.close().closeAllConnections();
    for (const { process } of others.splice(0)) await process.kill();
  });
  afterAll(async () => {
    await trusting.process.kill();
    await service.stop();
  });

  const start = async (env: Record<string, string>) => {
    const other = await service.startAnotherApi(env);
    others.push(other);
    return other.url;
  };
  const send = (url: string, method: string, headers: Record<string, string> = {}) =>
    fetch(url, { method, headers: { ...service.keyHeader, ...headers }, redirect: 'manual' });
  /** Where a run that was started is said to be, with … for its path. */
  const locationOf = async (url: string, headers?: Record<string, string>) => {
    const address = `${url}/v1/catalogs/default/training-runs`;
    const started = await fetch(address, {
      method: 'POST',
      headers: { ...service.keyHeader, ...headers, 'content-type': 'application/json' },
      body: '{"model":"popularity"}',
    });
    expect(started.status).toBe(202);
    const { id } = (await started.json()) as { readonly id: string };
    const location = started.headers.get('location')!;
    return location.replace(`/v1/catalogs/default/training-runs/${id}`, '/…');
  };
  const serversOf = async (url: string, headers?: Record<string, string>) => {
    const document = (await (await send(`${url}/docs-json`, 'GET', headers)).json()) as object;
    return (document as { readonly servers: readonly object[] }).servers;
  };
  /** A proxy that takes the prefix off, and says so. */
  const startProxy = async (target: string) => {
    const proxy = createServer((received, answer) => {
      const path = received.url!.startsWith(`${PREFIX}/`) ? received.url!.slice(PREFIX.length) : null;
      if (path === null) return void answer.writeHead(404).end();
      const said = { 'x-forwarded-host': received.headers.host, 'x-forwarded-proto': 'http' };
      const headers = { ...received.headers, ...said, 'x-forwarded-prefix': PREFIX };
      const passedOn = httpRequest(target + path, { method: received.method!, headers });
      passedOn.on('response', (response: IncomingMessage) => {
        answer.writeHead(response.statusCode!, response.headers);
        pipeline(response, answer, () => undefined);
      });
      received.pipe(passedOn);
    }).listen(0, '127.0.0.1');
    servers.push(proxy);
    await once(proxy, 'listening');
    return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${PREFIX}`;
  };

  it('asks for keys, since all its callers come from loopback', async () => {
    await service.database.query('ALTER TABLE api_keys RENAME TO api_keys_away');
    await service.database.query('CREATE TABLE api_keys (LIKE api_keys_away INCLUDING ALL)');
    try {
      const statuses = [];
      for (const env of [{}, { TRUST_PROXY: 'true' }, { PUBLIC_URL: 'https://shop.example' }] as const)
        statuses.push((await fetch(`${await start(env)}/v1/catalogs`)).status);
      expect(statuses).toEqual([200, 401, 401]);
    } finally {
      await service.database.query('DROP TABLE api_keys');
      await service.database.query('ALTER TABLE api_keys_away RENAME TO api_keys');
    }
  });

  it('names itself by PUBLIC_URL, whatever a caller or a proxy says', async () => {
    const PUBLIC_URL = `https://shop.example:8443${PREFIX}/`;
    const url = await start({ PUBLIC_URL, TRUST_PROXY: 'true' });
    const base = PUBLIC_URL.slice(0, -1);
    const lies = { 'x-forwarded-host': 'evil.example', 'x-forwarded-prefix': '/evil' };
    for (const headers of [{}, lies]) {
      expect(await locationOf(url, headers)).toBe(`${base}/…`);
      expect(await serversOf(url, headers)).toEqual([{ url: base }]);
    }
    expect(await (await send(`${url}/docs-yaml`, 'GET')).text()).toContain(`url: ${base}`);
    expect(await (await send(`${url}/docs/swagger-ui-init.js`, 'GET')).text()).toContain(`"url": "${base}"`);
  });

  it('names itself as a trusted proxy says, also when an answer is repeated by its idempotency key', async () => {
    const { url } = trusting;
    expect(await locationOf(url, FORWARDED)).toBe(`https://shop.example${PREFIX}/…`);
    expect(await locationOf(url, { 'x-forwarded-prefix': '/one, /two/' })).toBe('/two/…');
    expect(await serversOf(url, FORWARDED)).toEqual([{ url: `https://shop.example${PREFIX}` }]);
    expect(await serversOf(url)).toEqual([]);
    const key = { 'idempotency-key': 'once' };
    for (const [headers, location] of [
      [FORWARDED, `https://shop.example${PREFIX}/…`],
      [{}, '/…'],
      [FORWARDED, `https://shop.example${PREFIX}/…`],
    ] as const)
      expect(await locationOf(url, { ...headers, ...key })).toBe(location);
  });

  it('believes no peer that it is not told to trust', async () => {
    for (const url of [service.url, await start({ TRUST_PROXY: '10.0.0.0/8' })]) {
      expect(await locationOf(url, FORWARDED)).toBe('/…');
      expect(await serversOf(url, FORWARDED)).toEqual([]);
    }
  });

  it('takes from a trusted proxy no prefix or host that would lead elsewhere', async () => {
    const { url } = trusting;
    for (const prefix of [
      '//evil.example',
      '/a//b',
      'https://evil.example',
      '/a?b',
      '/a#b',
      '/a b',
      '/',
      'a',
      '\\',
    ])
      expect([prefix, await serversOf(url, { 'x-forwarded-prefix': prefix })]).toEqual([prefix, []]);
    for (const host of ['evil.example/a', 'user@evil.example', 'evil example', 'a?b', 'a:b', ''])
      expect([host, await serversOf(url, { 'x-forwarded-host': host })]).toEqual([host, []]);
    expect(await serversOf(url, { 'x-forwarded-proto': 'javascript', 'x-forwarded-host': 'a' })).toEqual([]);
    expect(await serversOf(url, { 'x-forwarded-host': '[::1]:8080' })).toEqual([
      { url: 'http://[::1]:8080' },
    ]);
  });

  it('answers whatever a trusted proxy says of the address of its client', async () => {
    for (const address of ['unknown', '', '_hidden', '1.2.3.4:5678', '[2001:db8::1]:80', '999.1.1.1']) {
      const url = `${trusting.url}/v1/catalogs`;
      const { status } = await fetch(url, { headers: { 'x-forwarded-for': address } });
      expect([address, status]).toEqual([address, 401]);
    }
  });

  it('is used through the prefix: its receipts, its Swagger UI and the calls that this makes', async () => {
    const proxied = await startProxy(trusting.url);
    expect(await locationOf(proxied)).toBe(`${proxied}/…`);
    await send(`${proxied}/v1/catalogs/made`, 'PUT');
    const receipt = (await send(`${proxied}/v1/catalogs/made`, 'DELETE')).headers.get('location')!;
    expect((await send(receipt, 'GET')).status).toBe(200);
    const [server] = (await serversOf(proxied)) as readonly { readonly url: string }[];
    expect((await send(`${server!.url}/v1/catalogs`, 'GET')).status).toBe(200);
    for (const page of [`${proxied}/docs`, `${proxied}/docs/`]) {
      const html = await (await send(page, 'GET')).text();
      const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
      expect(assets.length).toBeGreaterThan(3);
      for (const asset of assets) {
        const answer = await send(new URL(asset, page).href, 'GET');
        expect([asset, answer.status, (await answer.text()) !== '']).toEqual([asset, 200, true]);
      }
    }
  });

  it('keeps idle connections for longer than balancers do, so that these are the first to close them', async () => {
    const { headers } = await send(`${service.url}/v1/catalogs`, 'GET');
    expect(headers.get('connection')).toBe('keep-alive');
    expect(Number(/^timeout=(\d+)$/.exec(headers.get('keep-alive')!)![1])).toBeGreaterThan(600);
  });

  it('answers at all addresses of IPv6 and IPv4 with HOST=::, to who has a key', async () => {
    const { port } = new URL(await start({ HOST: '::' }));
    for (const host of ['127.0.0.1', '[::1]']) {
      const url = `http://${host}:${port}/v1/catalogs`;
      expect((await call(url)).status).toBe(401);
      expect((await call(url, { headers: service.keyHeader })).status).toBe(200);
    }
  });
});
