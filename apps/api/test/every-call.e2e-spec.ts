import { METHODS, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { ERROR_CODES } from '#domain';
import { TestService, twoTastes } from '../../../test/support/api.js';
import { DocumentedCalls } from '../../../test/support/documented-calls.js';
import type { Call } from '../../../test/support/openapi.js';
import { REDIS_SERVER } from '../../../test/support/redis.js';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}
interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body?: string | Buffer | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

const JSON_BODY = { 'content-type': 'application/json' };
const LONE_SURROGATE = '\ud800';
/** In a path as they are: what `fetch` would mend, and what no text can be encoded to. */
const ILLEGAL_SEGMENTS = [
  '%00',
  'a%00b',
  '.',
  '..',
  '%2e',
  '%2E%2e',
  '%zz',
  '%',
  '%ED%A0%80',
  '%FF',
  'x'.repeat(513),
  'x'.repeat(9_000),
  '',
];
const ILLEGAL_CURSORS = ['abc', '', '%00', '1', '-1', 'MTA', '0192d3c4-5b1e-7a40-9c1f-2f6d1f0a7b11'];

/** All addresses of the service come from its document, so a new one is in here by itself. */
describe('every call', () => {
  let service: TestService;
  let documented: DocumentedCalls;
  /** The methods of each path. */
  let methodsOf: Map<string, Set<string>>;

  beforeAll(async () => {
    service = await TestService.start({ redis: REDIS_SERVER !== '' });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    documented = await DocumentedCalls.of(service, await service.train());
    methodsOf = new Map();
    for (const { path, method } of documented.all)
      methodsOf.set(path, new Set([...(methodsOf.get(path) ?? []), method.toUpperCase()]));
  });
  afterAll(() => service.stop());

  /** The request as it is: nothing is mended on its way, as `fetch` would. */
  const send = ({ method, path, body, headers = {} }: Sent): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const sent = httpRequest(service.url, { method, path, headers: { ...headers, ...length } });
      sent.on('error', reject);
      sent.on('response', (response) => {
        const { statusCode: status = 0, headers: answered } = response;
        text(response).then((read) => resolve({ status, headers: answered, text: read }), reject);
      });
      sent.end(body);
    });

  /** What of an answer to illegal input is wrong, in words. */
  const faultsOf = (sent: Sent, { status, headers, text: body }: Answer, expected?: number): string[] => {
    const what = `${sent.method} ${sent.path.slice(0, 120)} ${String(sent.body).slice(0, 60)}: ${status}`;
    const isExpected = expected === undefined ? status >= 400 && status < 500 : status === expected;
    if (!isExpected) return [`${what}, expected ${expected ?? '4xx'}: ${body.slice(0, 300)}`];
    if (headers['content-type']?.split(';')[0] !== 'application/problem+json')
      return [`${what} is of type ${headers['content-type']}`];
    if (sent.method === 'HEAD') return body === '' ? [] : [`${what} has a body`];
    const problem = JSON.parse(body) as { readonly type: string; readonly status: number };
    const isKnown = ERROR_CODES.some((code) => problem.type === `/problems/${code}`);
    return isKnown && problem.status === status ? [] : [`${what} is ${body}`];
  };

  const refuseAll = async (requests: readonly Sent[], expected?: number): Promise<string[]> => {
    const faults: string[] = [];
    for (const sent of requests) faults.push(...faultsOf(sent, await send(sent), expected));
    return faults;
  };

  /** As its first example says. */
  const example = async (call: Call): Promise<Sent> => {
    const [type, body] = documented.bodiesOf(call)[0] ?? [];
    return {
      method: call.method.toUpperCase(),
      path: await documented.addressOf(call),
      ...(type !== undefined && { headers: { 'content-type': type } }),
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    };
  };

  const pathParameters = ({ path }: Call) => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const takesBody = ({ operation }: Call) => operation.requestBody !== undefined;

  it('refuses ids and names that none can be, by a problem document', async () => {
    const requests: Sent[] = [];
    for (const call of documented.all)
      for (const name of pathParameters(call))
        for (const segment of ILLEGAL_SEGMENTS) {
          const address = await documented.addressOf(call, { [name]: 'PLACE' });
          requests.push({ ...(await example(call)), path: address.replace('PLACE', segment) });
        }
    expect(requests.length).toBeGreaterThan(600);
    // An empty name of a catalog leaves the address of a call that has none, and so has a
    // "%2e" that was resolved.
    expect(await refuseAll(requests)).toEqual([]);
  });

  it('refuses a cursor that is none, and one of another list or catalog', async () => {
    await service.send('PUT', '/v1/catalogs/other');
    await service.send('POST', '/v1/catalogs/other/interactions', { interactions: twoTastes(3) });
    const { body: items } = await service.get('items?limit=1');
    const { body: shown } = await service.get('users/user-1/recommendations?k=1&paging=true');
    const faults: string[] = [];
    const paged = documented.all.filter(({ operation }) =>
      operation.parameters?.some(({ name }) => name === 'cursor'),
    );
    expect(paged.length).toBe(6);
    for (const call of paged)
      for (const catalog of ['default', 'other']) {
        const address = await documented.addressOf(call, { catalog });
        const cursors = [...ILLEGAL_CURSORS, `${items.nextCursor}x`, 'A'.repeat(2_000)];
        if (catalog === 'other' || !call.path.endsWith('/items')) cursors.push(items.nextCursor);
        if (catalog === 'other' || !call.path.endsWith('/recommendations')) cursors.push(shown.nextCursor);
        for (const cursor of cursors) {
          const sent = { method: 'GET', path: `${address}?cursor=${cursor}` };
          const answer = await send(sent);
          faults.push(...faultsOf(sent, answer, 422));
          if (!answer.text.includes('"pointer":"#/cursor"')) faults.push(`${sent.path}: ${answer.text}`);
        }
      }
    expect(faults).toEqual([]);
  });

  it('reads a list page by page, of names and ids alike', async () => {
    for (const type of ['view', 'buy', 'é', '😀', 'a/b', '%'])
      await service.send('PUT', `interaction-types/${encodeURIComponent(type)}`, {});
    for (const list of ['items', 'interaction-types']) {
      const whole = (await service.get(`${list}?limit=500`)).body.items;
      const read: unknown[] = [];
      for (let next = '', more = true; more;) {
        const { body } = await service.get(`${list}?limit=2${next}`);
        read.push(...body.items);
        next = `&cursor=${body.nextCursor}`;
        more = body.nextCursor !== undefined;
      }
      expect(read).toEqual(whole);
      expect(whole.length).toBeGreaterThan(4);
    }
  });

  it('refuses a parameter that it does not know', async () => {
    const requests: Sent[] = [];
    for (const call of documented.all) {
      const sent = await example(call);
      requests.push({ ...sent, path: `${sent.path}?surprise=1` });
    }
    expect(await refuseAll(requests, 422)).toEqual([]);
  });

  it('refuses a query that is not percent-encoded UTF-8', async () => {
    const requests: Sent[] = [];
    for (const call of documented.all) {
      const sent = await example(call);
      for (const text of ['%', '%zz', '%FF', '%ED%A0%80'])
        requests.push({ ...sent, path: `${sent.path}?type=${text}` });
    }
    expect(await refuseAll(requests, 400)).toEqual([]);
  });

  it('refuses a body of another type by 415', async () => {
    const requests: Sent[] = [];
    for (const call of documented.all.filter(takesBody)) {
      const sent = await example(call);
      const documentedTypes = Object.keys(call.operation.requestBody!.content);
      const types = [
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'text/plain',
        'text/csv',
        'application/xml',
        'application/json',
        'nonsense',
        '',
      ].filter((type) => !documentedTypes.includes(type));
      for (const type of types) requests.push({ ...sent, headers: { 'content-type': type } });
    }
    expect(requests.length).toBeGreaterThan(50);
    expect(await refuseAll(requests, 415)).toEqual([]);
  });

  it('refuses a body that is no JSON, and JSON that is not its body', async () => {
    const calls = documented.all.filter(
      ({ operation }) => operation.requestBody?.content['application/json'],
    );
    const malformed = ['{', '', '{"a":1}}', Buffer.from([0x22, 0xff, 0x22])];
    const others = [
      'null',
      '[]',
      '3',
      '"x"',
      '[{}]',
      '{"surprise":1}',
      `${'['.repeat(90_000)}${']'.repeat(90_000)}`,
    ];
    const requests = async (bodies: readonly (string | Buffer)[]) => {
      const all: Sent[] = [];
      for (const call of calls)
        for (const body of bodies)
          all.push({
            method: call.method.toUpperCase(),
            path: await documented.addressOf(call),
            body,
            headers: JSON_BODY,
          });
      return all;
    };
    expect(await refuseAll(await requests(malformed), 400)).toEqual([]);
    expect(await refuseAll(await requests(others), 422)).toEqual([]);
  });

  it('refuses NUL and lone surrogates in any text of a body', async () => {
    const requests: Sent[] = [];
    for (const call of documented.all.filter(takesBody)) {
      const sent = await example(call);
      if (sent.headers!['content-type'] !== 'application/json') continue;
      for (const bad of ['\0', LONE_SURROGATE, `a${LONE_SURROGATE}b`])
        for (const body of withTextReplaced(JSON.parse(String(sent.body)), bad))
          requests.push({ ...sent, body: JSON.stringify(body) });
    }
    expect(requests.length).toBeGreaterThan(60);
    const isBatch = ({ path }: Sent) => path.endsWith('/batch');
    expect(
      await refuseAll(
        requests.filter((sent) => !isBatch(sent)),
        422,
      ),
    ).toEqual([]);
    for (const sent of requests.filter(isBatch)) {
      const { status, text: body } = await send(sent);
      if (status === 200) expect(body).toContain('/problems/validation-failed');
      else expect([status, body]).toEqual([422, expect.anything()]);
    }
  });

  it('answers a method that an address does not have by 405 with Allow, and OPTIONS by 204 with it', async () => {
    const faults: string[] = [];
    for (const [path, methods] of methodsOf) {
      const call = documented.all.find((one) => one.path === path)!;
      const allowed = new Set([...methods, 'OPTIONS', ...(methods.has('GET') ? ['HEAD'] : [])]);
      const address = await documented.addressOf(call);
      for (const method of METHODS.filter((one) => one !== 'CONNECT')) {
        if (allowed.has(method) && method !== 'OPTIONS') continue;
        const sent = { method, path: address };
        const answer = await send(sent);
        const status = method === 'OPTIONS' ? 204 : 405;
        if (status === 405) faults.push(...faultsOf(sent, answer, status));
        const said = new Set((answer.headers.allow ?? '').split(', '));
        expect([method, path, answer.status, said, status === 204 && answer.text]).toEqual([
          method,
          path,
          status,
          allowed,
          status === 204 && '',
        ]);
      }
    }
    expect(faults).toEqual([]);
  });

  it('replaces by a PUT: what is absent takes the default that is documented, whatever was there', async () => {
    const puts = documented.all.filter((call) => call.method === 'put' && takesBody(call));
    expect(puts.length).toBe(4);
    for (const call of puts) {
      const { schema } = call.operation.requestBody!.content['application/json']!;
      const { properties, required = [] } = documented.document.resolve(schema!);
      const [whole] = documented.bodiesOf(call)[0]!.slice(1) as [Record<string, unknown>];
      const defaults = Object.entries(properties!).filter(([name]) => !(required as string[]).includes(name));
      // A catalog has a single setting.
      expect(defaults.length).toBeGreaterThan(call.path.endsWith('/{catalog}') ? 0 : 3);
      const address = await documented.addressOf(call);
      await service.send('PUT', address, whole);
      const needed = Object.fromEntries((required as string[]).map((name) => [name, whole[name]]));
      const { status, body } = await service.send('PUT', address, needed);
      expect([status, body]).toMatchObject([
        200,
        Object.fromEntries(defaults.map(([name, { default: value }]) => [name, value])),
      ]);
      expect(call.operation.description).toMatch(/a field that is absent takes its default/);
    }
  });

  it('answers HEAD as GET, without a body', async () => {
    for (const call of documented.all.filter(({ method }) => method === 'get')) {
      const path = await documented.addressOf(call);
      const [get, head] = [await send({ method: 'GET', path }), await send({ method: 'HEAD', path })];
      expect([path, head.status, head.headers['content-type'], head.text]).toEqual([
        path,
        get.status,
        get.headers['content-type'],
        '',
      ]);
    }
    const missing = { method: 'HEAD', path: '/v1/catalogs/nowhere' };
    expect(faultsOf(missing, await send(missing), 404)).toEqual([]);
  });

  it.each([
    'a/b',
    '%2F',
    '%',
    '100% + more?#&=',
    ' ',
    '...',
    '😀👨‍👩‍👧',
    '😀'.repeat(512),
    'é',
    'e\u0301',
    'Ünïcode\u2028\ufeff',
    '"\\\'\n\t,;',
    'constructor',
  ])('answers the id %p as it was given, in every path and body', async (id) => {
    const at = encodeURIComponent(id);
    const itemId = id;
    expect((await service.send('PUT', `items/${at}`, {})).body).toMatchObject({ itemId });
    expect((await service.get(`items/${at}`)).body).toMatchObject({ itemId });
    expect((await service.send('POST', 'items', { items: [{ itemId }] })).body).toEqual({
      created: 0,
      updated: 1,
    });
    const interactions = [
      { userId: id, itemId: 'item-1' },
      { userId: `other ${id}`.slice(0, 400), itemId },
    ];
    const { body: stored } = await service.send('POST', 'interactions', { interactions });
    expect(stored).toMatchObject({ stored: 2 });
    const list = (
      await service.get(
        `users/${at}/recommendations?k=500&pins=${encodeURIComponent(JSON.stringify({ [id]: 1 }))}`,
      )
    ).body;
    expect(list.items[0]).toMatchObject({ itemId, source: 'pinned' });
    expect(list.items).not.toContainEqual(expect.objectContaining({ itemId: 'item-1' }));
    expect(
      (await service.get(`users/${at}/recommendations?k=500&exclude=${at}`)).body.items,
    ).not.toContainEqual(expect.objectContaining({ itemId }));
    expect((await service.get(`users/${at}/similar`)).body.reason).not.toBe('unknown-user');
    expect((await service.get(`items/${at}/similar`)).status).toBe(200);
    const batch = {
      requests: [
        { userId: id, k: 1 },
        { items: [{ itemId }], k: 1 },
      ],
    };
    const lines = String((await service.send('POST', 'recommendations/batch', batch)).body);
    expect(lines).not.toContain('error');
    expect(lines).not.toContain('unknownItems');
    const line = JSON.stringify({ userId: id, itemId, occurredAt: '2026-01-01T00:00:00Z' });
    const imported = await service.send('POST', 'interactions/import', `${line}\n`, 'application/x-ndjson');
    expect(imported.body).toMatchObject({ stored: 1 });
    expect((await service.send('DELETE', `items/${at}`)).status).toBe(204);
    expect((await service.get(`items/${at}`)).status).toBe(404);
  });

  it('refuses illegal ids in imports, by the row', async () => {
    const rows = ['.', '..', 'a\0', 'x'.repeat(513), LONE_SURROGATE].map((id) =>
      JSON.stringify({ userId: 'ada', itemId: id }),
    );
    for (const row of rows) {
      const { status, body } = await service.send(
        'POST',
        'interactions/import',
        `${row}\n`,
        'application/x-ndjson',
      );
      expect([status, body.row]).toEqual([422, 1]);
    }
    const csv = await service.send('POST', 'interactions/import', 'userId,itemId\nada,..\n', 'text/csv');
    expect([csv.status, csv.body.row, csv.body.reason]).toEqual([422, 2, expect.stringContaining('itemId')]);
  });

  it('answers what Node cannot read as a request by a problem document, and ends the connection', async () => {
    const { hostname, port } = new URL(service.url);
    const raw = async (request: string) => {
      const socket = connect(Number(port), hostname);
      socket.write(request);
      const answer = await text(socket);
      const [head, body] = answer.split('\r\n\r\n');
      return [head!.split('\r\n')[0], JSON.parse(body!.replace(/^[0-9a-f]+\r\n/, '')).type];
    };
    const malformed = ['HTTP/1.1 400 Bad Request', '/problems/malformed-request'];
    expect(await raw('nonsense\r\n\r\n')).toEqual(malformed);
    expect(await raw('GET / HTTP/1.1\r\nconnection: close\r\n\r\n')).toEqual(malformed);
    expect(await raw('BREW /pot HTTP/1.1\r\nhost: a\r\n\r\n')).toEqual(malformed);
    expect(await raw('GET / HTTP/1.1\r\nhost: a\r\nno colon\r\n\r\n')).toEqual(malformed);
    const expecting = await send({ method: 'GET', path: '/health/live', headers: { expect: 'wonders' } });
    expect(expecting.status).toBe(200);
  });

  it('answers addresses that no call has, or that are none, by a problem document', async () => {
    const get = (path: string) => ({ method: 'GET', path });
    expect(await refuseAll(['/nowhere', '/v1/', '/v1/catalogs/default/items/a/b'].map(get), 404)).toEqual([]);
    expect(await refuseAll(['/%zz', '/v1/catalogs/%', '/%ff'].map(get), 400)).toEqual([]);
    expect(await refuseAll([get(`/v1/catalogs/default/items/${'x'.repeat(9_000)}`)], 414)).toEqual([]);
    expect(await refuseAll([get(`/${'x'.repeat(20_000)}`)], 431)).toEqual([]);
    expect(
      await refuseAll([{ ...get('/health/live'), headers: { surplus: 'x'.repeat(20_000) } }], 431),
    ).toEqual([]);
  });
});

/** The value once for each text within it, with `replacement` in its place. */
function withTextReplaced(value: unknown, replacement: string): unknown[] {
  if (typeof value === 'string') return [replacement];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value))
    return value.flatMap((entry, at) =>
      withTextReplaced(entry, replacement).map((changed) => value.with(at, changed)),
    );
  return Object.entries(value).flatMap(([key, member]) =>
    withTextReplaced(member, replacement).map((changed) => ({ ...value, [key]: changed })),
  );
}
