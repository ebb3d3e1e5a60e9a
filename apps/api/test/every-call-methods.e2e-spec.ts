import { METHODS } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { EveryCall, takesBody } from './testing/every-call.js';

const CATALOG = '/v1/catalogs/{catalog}';

describe('every call', () => {
  let calls: EveryCall;

  beforeAll(async () => {
    calls = await EveryCall.start();
  });
  afterAll(() => calls.stop());

  /** `import` may be an id too, so `items/import` has the methods of `items/{id}`. */
  const methodsAt = (path: string) =>
    new Set([...calls.methodsOf].filter(([pattern]) => covers(pattern, path)).flatMap(([, own]) => [...own]));

  it('answers a method that an address does not have by 405 with Allow, and OPTIONS by 204 with it', async () => {
    const faults: string[] = [];
    for (const path of calls.methodsOf.keys()) {
      const call = calls.documented.all.find((one) => one.path === path)!;
      const methods = methodsAt(path);
      const allowed = new Set([...methods, 'OPTIONS', ...(methods.has('GET') ? ['HEAD'] : [])]);
      const address = await calls.documented.addressOf(call);
      for (const method of METHODS.filter((one) => one !== 'CONNECT')) {
        if (allowed.has(method) && method !== 'OPTIONS') continue;
        const sent = { method, path: address };
        const answer = await calls.send(sent);
        const status = method === 'OPTIONS' ? 204 : 405;
        if (status === 405) faults.push(...calls.faultsOf(sent, answer, status));
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

  it('takes for an id what another method of the address has for a name', async () => {
    const paths = [...calls.methodsOf.keys()];
    const named = paths.filter((path) => paths.some((other) => other !== path && covers(other, path)));
    // The last one stands beside names of tables, and not ids.
    expect(named).toEqual(
      ['items/import', 'users/import', 'export/settings'].map((path) => `${CATALOG}/${path}`),
    );
    for (const list of ['items', 'users']) {
      expect([200, 201]).toContain((await calls.service.send('PUT', `${list}/import`, {})).status);
      expect((await calls.service.get(`${list}/import`)).body).toMatchObject({
        [`${list.slice(0, -1)}Id`]: 'import',
      });
    }
  });

  it('replaces by a PUT: what is absent takes the default that is documented, and without one stays as it was', async () => {
    const puts = calls.documented.all.filter((call) => call.method === 'put' && takesBody(call));
    expect(puts.length).toBe(6);
    // Of what a user allows nothing may be absent.
    for (const call of puts.filter(({ path }) => !path.endsWith('/consent'))) {
      const { schema } = call.operation.requestBody!.content['application/json']!;
      const { properties, required = [] } = calls.documented.document.resolve(schema!);
      const [whole] = calls.documented.bodiesOf(call)[0]!.slice(1) as [Record<string, unknown>];
      const optional = Object.entries(properties!).filter(([name]) => !(required as string[]).includes(name));
      const defaults = optional.filter(([, field]) => 'default' in field);
      // The time since which an item is there stays.
      expect(optional.filter((field) => !defaults.includes(field)).map(([name]) => name)).toEqual(
        call.path.includes('/items/') ? ['createdAt'] : [],
      );
      // A catalog has a single setting, and a user tags and metadata.
      const fewest = call.path.endsWith('/{catalog}') ? 1 : call.path.endsWith('/users/{id}') ? 2 : 4;
      expect(defaults.length).toBeGreaterThanOrEqual(fewest);
      const address = await calls.documented.addressOf(call);
      const { body: before } = await calls.service.send('PUT', address, whole);
      const needed = Object.fromEntries((required as string[]).map((name) => [name, whole[name]]));
      const { status, body } = await calls.service.send('PUT', address, needed);
      expect([status, body]).toMatchObject([
        200,
        Object.fromEntries(defaults.map(([name, { default: value = before[name] }]) => [name, value])),
      ]);
      expect(call.operation.description).toMatch(/a field that is absent takes its default/);
    }
  });

  it('answers HEAD as GET, without a body', async () => {
    for (const call of calls.documented.all.filter(({ method }) => method === 'get')) {
      const path = await calls.documented.addressOf(call);
      const [get, head] = [
        await calls.send({ method: 'GET', path }),
        await calls.send({ method: 'HEAD', path }),
      ];
      expect([path, head.status, head.headers['content-type'], head.text]).toEqual([
        path,
        get.status,
        get.headers['content-type'],
        '',
      ]);
    }
    const missing = { method: 'HEAD', path: '/v1/catalogs/nowhere' };
    expect(calls.faultsOf(missing, await calls.send(missing), 404)).toEqual([]);
  });

  it('reads a list page by page, of names and ids alike', async () => {
    for (const type of ['view', 'buy', 'é', '😀', 'a/b', '%'])
      await calls.service.send('PUT', `interaction-types/${encodeURIComponent(type)}`, {});
    for (const list of ['items', 'interaction-types']) {
      const whole = (await calls.service.get(`${list}?limit=500`)).body.items;
      const read: unknown[] = [];
      for (let next = '', more = true; more;) {
        const { body } = await calls.service.get(`${list}?limit=2${next}`);
        read.push(...body.items);
        next = `&cursor=${body.nextCursor}`;
        more = body.nextCursor !== undefined;
      }
      expect(read).toEqual(whole);
      expect(whole.length).toBeGreaterThan(4);
    }
  });

  it('answers addresses that no call has, or that are none, by a problem document', async () => {
    const get = (path: string) => ({ method: 'GET', path });
    expect(
      await calls.refuseAll(['/nowhere', '/v1/', '/v1/catalogs/default/items/a/b'].map(get), 404),
    ).toEqual([]);
    expect(await calls.refuseAll(['/%zz', '/v1/catalogs/%', '/%ff'].map(get), 400)).toEqual([]);
    expect(await calls.refuseAll([get(`/v1/catalogs/default/items/${'x'.repeat(9_000)}`)], 414)).toEqual([]);
    expect(await calls.refuseAll([get(`/${'x'.repeat(20_000)}`)], 431)).toEqual([]);
    expect(
      await calls.refuseAll([{ ...get('/health/live'), headers: { surplus: 'x'.repeat(20_000) } }], 431),
    ).toEqual([]);
  });

  it('answers what Node cannot read as a request by a problem document, and ends the connection', async () => {
    const { hostname, port } = new URL(calls.service.url);
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
    const expecting = await calls.send({
      method: 'GET',
      path: '/health/live',
      headers: { expect: 'wonders' },
    });
    expect(expecting.status).toBe(200);
  });
});

function covers(pattern: string, path: string): boolean {
  const [wanted, parts] = [pattern.split('/'), path.split('/')];
  return (
    wanted.length === parts.length && wanted.every((part, n) => part.startsWith('{') || part === parts[n])
  );
}
