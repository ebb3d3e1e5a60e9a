import { twoTastes } from '../../../test/support/api.js';
import type { Call } from '../../../test/support/openapi.js';
import { EveryCall, LONE_SURROGATE, takesBody, type Sent } from './testing/every-call.js';

const JSON_BODY = { 'content-type': 'application/json' };
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

describe('every call', () => {
  let calls: EveryCall;

  beforeAll(async () => {
    calls = await EveryCall.start();
  });
  afterAll(() => calls.stop());

  const pathParameters = ({ path }: Call) => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);

  it('refuses ids and names that none can be, by a problem document', async () => {
    const requests: Sent[] = [];
    for (const call of calls.documented.all)
      for (const name of pathParameters(call))
        for (const segment of ILLEGAL_SEGMENTS) {
          const address = await calls.documented.addressOf(call, { [name]: 'PLACE' });
          requests.push({ ...(await calls.example(call)), path: address.replace('PLACE', segment) });
        }
    expect(requests.length).toBeGreaterThan(600);
    // An empty name of a catalog leaves the address of a call that has none, and so has a
    // "%2e" that was resolved.
    expect(await calls.refuseAll(requests)).toEqual([]);
  });

  it('refuses a cursor that is none, and one of another list or catalog', async () => {
    await calls.service.send('PUT', '/v1/catalogs/other');
    await calls.service.send('POST', '/v1/catalogs/other/interactions', { interactions: twoTastes(3) });
    const { body: items } = await calls.service.get('items?limit=1');
    const { body: shown } = await calls.service.get('users/user-1/recommendations?k=1&paging=true');
    const faults: string[] = [];
    const paged = calls.documented.all.filter(({ operation }) =>
      operation.parameters?.some(({ name }) => name === 'cursor'),
    );
    expect(paged.length).toBe(15);
    for (const call of paged)
      for (const catalog of ['default', 'other']) {
        const address = await calls.documented.addressOf(call, { catalog });
        const cursors = [...ILLEGAL_CURSORS, `${items.nextCursor}x`, 'A'.repeat(2_000)];
        if (catalog === 'other' || !call.path.endsWith('/items')) cursors.push(items.nextCursor);
        if (catalog === 'other' || !call.path.endsWith('/recommendations')) cursors.push(shown.nextCursor);
        for (const cursor of cursors) {
          const sent = { method: 'GET', path: `${address}?cursor=${cursor}` };
          const answer = await calls.send(sent);
          faults.push(...calls.faultsOf(sent, answer, 422));
          if (!answer.text.includes('"pointer":"#/cursor"')) faults.push(`${sent.path}: ${answer.text}`);
        }
      }
    expect(faults).toEqual([]);
  });

  it('refuses a parameter that it does not know', async () => {
    const requests: Sent[] = [];
    for (const call of calls.documented.all) {
      const sent = await calls.example(call);
      requests.push({ ...sent, path: `${sent.path}?surprise=1` });
    }
    expect(await calls.refuseAll(requests, 422)).toEqual([]);
  });

  it('refuses a parameter that is given twice, by its name, unless a list is documented', async () => {
    const answers: string[] = [];
    for (const call of calls.documented.all) {
      const sent = await calls.example(call);
      for (const { name, in: place, schema } of call.operation.parameters ?? []) {
        if (place !== 'query' || JSON.stringify(schema).includes('"array"')) continue;
        const { status, text } = await calls.send({ ...sent, path: `${sent.path}?${name}=1&${name}=2` });
        const errors = JSON.parse(text).errors as unknown[];
        expect([sent.path, status, errors]).toEqual([
          sent.path,
          422,
          [{ pointer: `#/${name}`, detail: 'is given 2 times: give it once' }],
        ]);
        answers.push(text);
      }
    }
    expect(answers.length).toBeGreaterThan(20);
  });

  it('refuses a query that is not percent-encoded UTF-8', async () => {
    const requests: Sent[] = [];
    for (const call of calls.documented.all) {
      const sent = await calls.example(call);
      for (const text of ['%', '%zz', '%FF', '%ED%A0%80'])
        requests.push({ ...sent, path: `${sent.path}?type=${text}` });
    }
    expect(await calls.refuseAll(requests, 400)).toEqual([]);
  });

  it('refuses a body of another type by 415', async () => {
    const requests: Sent[] = [];
    for (const call of calls.documented.all.filter(takesBody)) {
      const sent = await calls.example(call);
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
    expect(await calls.refuseAll(requests, 415)).toEqual([]);
  });

  it('refuses a body that is no JSON, and JSON that is not its body', async () => {
    const withJson = calls.documented.all.filter(
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
    const isFile = ({ path }: Call) => path.endsWith('/import');
    const requests = async (bodies: readonly (string | Buffer)[], those = withJson) => {
      const all: Sent[] = [];
      for (const call of those)
        for (const body of bodies)
          all.push({
            method: call.method.toUpperCase(),
            path: await calls.documented.addressOf(call),
            body,
            headers: JSON_BODY,
          });
      return all;
    };
    const documents = withJson.filter((call) => !isFile(call));
    expect(await calls.refuseAll(await requests(malformed, documents), 400)).toEqual([]);
    expect(await calls.refuseAll(await requests(others), 422)).toEqual([]);
    // A file is what its content says, whatever its type.
    const files = withJson.filter(isFile);
    expect(files).toHaveLength(3);
    expect(await calls.refuseAll(await requests(malformed, files), 422)).toEqual([]);
  });

  it('refuses NUL and lone surrogates in any text of a body', async () => {
    const requests: Sent[] = [];
    for (const call of calls.documented.all.filter(takesBody)) {
      const sent = await calls.example(call);
      if (sent.headers!['content-type'] !== 'application/json') continue;
      for (const bad of ['\0', LONE_SURROGATE, `a${LONE_SURROGATE}b`])
        for (const body of withTextReplaced(JSON.parse(String(sent.body)), bad))
          requests.push({ ...sent, body: JSON.stringify(body) });
    }
    expect(requests.length).toBeGreaterThan(60);
    const isBatch = ({ path }: Sent) => path.endsWith('/batch');
    expect(
      await calls.refuseAll(
        requests.filter((sent) => !isBatch(sent)),
        422,
      ),
    ).toEqual([]);
    for (const sent of requests.filter(isBatch)) {
      const { status, text: body } = await calls.send(sent);
      if (status === 200) expect(body).toContain('/problems/validation-failed');
      else expect([status, body]).toEqual([422, expect.anything()]);
    }
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
