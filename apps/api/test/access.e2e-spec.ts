import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ApiKeysRepository, Database } from '#data';
import { SCOPES, type Scope } from '#domain';
import { TestService } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';

const ROOT = join(import.meta.dirname, '../../..');
const TABLE = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
/** Rows of the table of calls: method, address and who may call. */
const CELLS = [...TABLE.matchAll(/^\| `(\w+) (\S+)`\s+\| ([\w-]+)( and people)?(, pages)?/gm)].map(
  ([, method, url, access, people, pages]) => ({
    ...{ method: method!, url: url!, access: access!, isPersonal: people !== undefined },
    isForPages: pages !== undefined,
  }),
);
const PAGES_ORIGIN = 'https://shop.example';
/** Keys for pages, and the origin of the page that has them. */
const ORIGINS: Readonly<Record<string, string>> = {
  pages: PAGES_ORIGIN,
  'pages elsewhere': 'https://evil.example',
  'pages of another': PAGES_ORIGIN,
};
const OTHER_SHOP = 'other';
/** A secret that no answer may have. */
const CANARY = 'canary-0f3e';

describe('access to the routes of the service', () => {
  let service: TestService;
  let database: Database;
  const tokens: Record<string, string> = {};

  beforeAll(async () => {
    // Every method at every address, without a key, is more than a second's calls.
    const env = {
      ...{ REQUIRE_KEYS: '1', ADDRESS_CALLS_PER_SECOND: '100000' },
      ...{ REDIS_SENTINEL_PASSWORD: CANARY, OTEL_EXPORTER_OTLP_HEADERS: `authorization=${CANARY}` },
    };
    service = await TestService.start({ redis: false, worker: false, env });
    database = Database.connect(service.database.url);
    const keys = new ApiKeysRepository(database);
    const make = async (name: string, scopes: readonly Scope[], fields: object = {}) => {
      const { key, token } = await keys.make({ name, scopes, catalogs: null, expiresAt: null, ...fields });
      tokens[name] = token;
      return key;
    };
    for (const scope of SCOPES) await make(scope, [scope]);
    await make('read and people', ['read', 'people']);
    await make('admin of one catalog', ['admin'], { catalogs: ['nowhere'] });
    // Of pages a second takes 50 calls unless their key says otherwise.
    const ofPages = { origins: [PAGES_ORIGIN], callsPerSecond: 1_000 };
    for (const name of ['pages', 'pages elsewhere', 'no page']) await make(name, ['read'], ofPages);
    await make('pages of another', ['read'], { ...ofPages, catalogs: [OTHER_SHOP] });
    await make('expired', ['admin'], { expiresAt: new Date(Date.now() - 1) });
    await keys.revoke((await make('revoked', ['admin'])).id);
    tokens['unknown'] = `sparserec_${'A'.repeat(64)}`;
    await make('admin of another', ['admin'], { catalogs: [OTHER_SHOP] });
    // Who knows the last one knows what became of those before it.
    const isKnown = async () => (await statusOf('GET', '/docs-json', 'admin of another')) === 200;
    await waitFor('the service to know the keys', isKnown);
  });
  afterAll(async () => {
    await database.close();
    await service.stop();
  });

  /** The status, as a client gets it that mends nothing of the address. */
  const statusOf = (method: string, path: string, key?: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const origin = ORIGINS[key ?? ''];
      const headers = {
        ...(key !== undefined && { authorization: `Bearer ${tokens[key]}` }),
        ...(origin !== undefined && { origin }),
      };
      const sent = httpRequest(service.url, { method, path, headers });
      sent.on('error', reject);
      sent.on('response', (response) => {
        response.resume();
        resolve(response.statusCode!);
      });
      sent.end();
    });
  const addressOf = (url: string) =>
    url
      .replace(':catalog', 'nowhere')
      .replace(/^\*$/, '/x')
      .replace(/:\w+|\*/g, 'x');

  it('is what docs/security.md says, for every route and every kind of key', async () => {
    expect(CELLS.length).toBeGreaterThan(40);
    const wrong: string[] = [];
    for (const { method, url, access, isPersonal, isForPages } of CELLS) {
      const isOfCatalog = url.includes(':catalog');
      const mayAnyone = access === 'everyone';
      const allowed = new Set<string>(
        access === 'any' || mayAnyone
          ? [...SCOPES, 'read and people', 'admin of one catalog', 'admin of another']
          : [
              ...(isPersonal ? [] : [access]),
              ...(['read', 'people'].includes(access) ? ['read and people'] : []),
              'admin',
              ...(isOfCatalog ? ['admin of one catalog'] : []),
              ...(isForPages ? ['pages'] : []),
            ],
      );
      for (const key of [undefined, ...Object.keys(tokens)]) {
        const status = await statusOf(method, addressOf(url), key);
        const isKnown = key !== undefined && !['expired', 'revoked', 'unknown'].includes(key);
        const expected = mayAnyone || (isKnown && allowed.has(key)) ? 'let in' : isKnown ? 403 : 401;
        const got = status === 401 || status === 403 ? status : 'let in';
        if (got !== expected) wrong.push(`${method} ${url} with ${key}: ${got}, expected ${expected}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('is listed in docs/security.md for every route of the booted server', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(ROOT, 'test/support/routes-of-api.mjs')],
      { env: { ...process.env, DATABASE_URL: service.database.url, REDIS_URL: '' } },
    );
    const routes = JSON.parse(stdout) as { readonly method: string; readonly url: string }[];
    expect(routes.length).toBeGreaterThan(40);
    const listed = new Set(CELLS.map(({ method, url }) => `${method} ${url.split('?')[0]}`));
    const others: string[] = [];
    for (const { method, url } of routes) {
      if (listed.has(`${method} ${url}`) || method === 'HEAD') continue;
      // What is no call says so, and only to who has a key.
      const statuses = [
        await statusOf(method, addressOf(url)),
        await statusOf(method, addressOf(url), 'read'),
      ];
      if (statuses[0] !== 401 || ![204, 404, 405].includes(statuses[1]!))
        others.push(`${method} ${url}: ${statuses.join(', ')}`);
    }
    expect(others).toEqual([]);
    const real = new Set(routes.map(({ method, url }) => `${method} ${url}`));
    expect([...listed].filter((call) => !real.has(call))).toEqual([]);
  });

  it('is told to whoever has a key', async () => {
    const callerOf = async (key: string) => {
      const headers = { authorization: `Bearer ${tokens[key]}` };
      return (await (await fetch(`${service.url}/v1/caller`, { headers })).json()) as object;
    };
    const keysNeeded = true;
    const of = (name: string, scopes: readonly Scope[], catalogs: readonly string[] | null) =>
      expect.objectContaining({ keysNeeded, name, scopes, catalogs, expiresAt: null }) as object;
    expect(await callerOf('read and people')).toEqual(of('read and people', ['read', 'people'], null));
    expect(await callerOf('admin of another')).toEqual(of('admin of another', ['admin'], [OTHER_SHOP]));
  });

  it('shows settings without secrets', async () => {
    const headers = { authorization: `Bearer ${tokens['admin']}` };
    const text = await (await fetch(`${service.url}/v1/settings`, { headers })).text();
    const { settings } = JSON.parse(text) as { readonly settings: readonly { readonly name: string }[] };
    const of = (wanted: string) => settings.find(({ name }) => name === wanted);
    expect(text).not.toContain(CANARY);
    expect(text).not.toContain(service.database.url);
    expect(of('REQUIRE_KEYS')).toMatchObject({ value: '1', isDefault: false });
    expect(of('DATABASE_URL')).toMatchObject({ value: null, isSecret: true, isDefault: false });
  });

  it('is refused to odd addresses and methods as to others, whatever is behind them', async () => {
    const addresses = [
      '//v1/catalogs',
      '/v1//catalogs',
      '/v1/catalogs/',
      '/v1/catalogs/default%2Fitems',
      '/v1/catalogs;x=1',
      '/V1/CATALOGS',
      '/v1/catalogs/default/items/..',
      '/v1/catalogs/default/items/%2e%2e/../usage',
      '/docs/../v1/catalogs',
      '/docs/%2e%2e/v1/keys',
      '/docs',
      '/docs-json',
      '/docs/swagger-ui-init.js',
      '/health',
      '/health/live/../../v1/keys',
      '/nowhere',
      '/index.html',
    ];
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'DELETE', 'PUT', 'PROPFIND'])
      for (const path of addresses)
        expect([method, path, await statusOf(method, path)]).toEqual([method, path, 401]);
    expect(await statusOf('GET', '/%zz')).toBe(400);
  });

  it('is refused to a key that may only read, by odd addresses of what it may not', async () => {
    const addresses = ['v1/keys', 'v1/settings', 'v1/audit-log', 'queues', 'queues/api/queues'].flatMap(
      (path) => [
        `//${path}`,
        `/${path.replace('/', '//')}`,
        `/${path}/`,
        `/${path}//`,
        `/${path}%2F`,
        `/${path.replaceAll('/', '%2F')}`,
        `/${path};x=1`,
        `/${path};/x`,
        `/${path}/.`,
        `/${path}%00`,
        `/${path.toUpperCase()}`,
        `/%${path.charCodeAt(0).toString(16)}${path.slice(1)}`,
        ...['docs', 'assets', 'health/live', 'queues/static', 'v1/catalogs'].flatMap((open) => [
          `/${open}/../${path}`,
          `/${open}/../../${path}`,
          `/${open}/%2e%2e/${path}`,
          `/${open}/..%2F${path.replaceAll('/', '%2F')}`,
          `/${open};/../${path}`,
        ]),
      ],
    );
    const letIn: string[] = [];
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE'])
      for (const path of addresses) {
        const statuses = [await statusOf(method, path), await statusOf(method, path, 'read')];
        const mayBe = [
          [400, 401, 404],
          [400, 403, 404, 405, 422],
        ];
        if (!statuses.every((status, n) => mayBe[n]!.includes(status)))
          letIn.push(`${method} ${path}: ${statuses.join(', ')}`);
      }
    expect(letIn).toEqual([]);
  });

  it('is given to the files of the dashboard alone by odd addresses of them, and to no file of the queue board', async () => {
    const page = await (await fetch(service.url)).text();
    const file = /assets\/([\w.-]+\.js)/.exec(page)![1]!;
    expect(await statusOf('GET', `/assets/${file}`)).toBe(200);
    const found: string[] = [];
    for (const key of [undefined, 'read']) {
      for (const path of [
        ...[
          `//assets/${file}`,
          `/assets//${file}`,
          `/assets/${file}/`,
          `/assets%2F${file}`,
          `/assets/${file};x=1`,
        ],
        ...[
          '/assets',
          '/assets/',
          '/assets/..',
          '/assets/.',
          '/assets/..%2Findex.html',
          '/assets/%2e%2e%2findex.html',
        ],
        ...[
          '/assets/..%2F..%2F..%2Fpackage.json',
          '/assets/..%5Cindex.html',
          `/assets/.%2F${file}`,
          '/assets/%00',
        ],
        ...['/queues/static/css', '//queues/static/x.js', '/queues//static/x.js', '/queues/static/x.js/'],
        ...['/queues/static/..%2F..%2Fpackage.json', '/queues%2Fstatic%2Fx.js', '/queues/static;/x.js'],
      ])
        if (![400, 401, 403, 404].includes(await statusOf('GET', path, key)))
          found.push(`${path} with ${key}`);
    }
    expect(found).toEqual([]);
  });
});
