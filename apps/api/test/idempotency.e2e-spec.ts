import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { TestService, twoTastes } from '../../../test/support/api.js';
import {
  inPieces,
  openBody,
  postWithKey,
  type IdempotentPost,
} from '../../../test/support/idempotent-post.js';
import { OpenApiDocument, type Call } from '../../../test/support/openapi.js';
import { waitFor } from '../../../test/support/processes.js';
import { shellCommandsOf } from '../../../test/support/shell-commands.js';
import { exampleOf, KEYLESS_POSTS, problemsOf, takesKey } from './testing/idempotent-calls.js';

const HEADER = 'Idempotency-Key';
const JSON_TYPE = 'application/json';
const MEBIBYTE = 1024 * 1024;

describe('Idempotency-Key', () => {
  let service: TestService;
  let document: OpenApiDocument;
  let modelId: string;

  beforeAll(async () => {
    service = await TestService.start({ redis: false, env: { IMPORT_LIMIT_MB: '8' } });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    modelId = (await service.train()).modelId;
    document = new OpenApiDocument((await service.get('/docs-json')).body);
  });
  afterAll(() => service.stop());

  type PostOptions = Partial<Pick<IdempotentPost, 'key' | 'type' | 'method'>> & { readonly url?: string };
  const post = (path: string, body: unknown, { key, url = service.url, ...rest }: PostOptions = {}) =>
    postWithKey(url, path, { body, key: key ?? randomUUID(), ...rest });
  const click = (userId: string) => ({ interactions: [{ userId, itemId: 'item-1', type: 'click' }] });
  const countOf = async (sql: string, values: unknown[] = []): Promise<number> =>
    Number((await service.database.query(`SELECT count(*) FROM ${sql}`, values)).rows[0].count);
  const clicksOf = (userId: string) =>
    countOf('interactions JOIN users USING (catalog_id, user_key) WHERE external_id = $1', [userId]);
  const keysOf = (key: string) => countOf('idempotency_keys WHERE key = $1', [key]);
  const writing = (): Call[] => document.calls.filter(takesKey);
  const example = (call: Call) => exampleOf(call, document, modelId);

  it('is documented at every call that writes more each time, with its answers and the header of replays, and at no other call', () => {
    expect(writing().map(({ path }) => path)).toHaveLength(13);
    expect(document.calls.map(({ path }) => path)).toEqual(expect.arrayContaining(KEYLESS_POSTS));
    const hasHeader = ({ operation }: Call) =>
      (operation.parameters ?? []).some(
        (parameter) => parameter.in === 'header' && parameter.name === HEADER,
      );
    expect(document.calls.filter(hasHeader).map(({ path }) => path)).toEqual(
      writing().map(({ path }) => path),
    );
    for (const { path, operation } of writing()) {
      const types = Object.values(operation.responses).flatMap((response) => problemsOf(response));
      const success = Object.entries(operation.responses).find(([status]) => status.startsWith('2'))![1];
      expect([path, types, Object.keys(success.headers ?? {})]).toEqual([
        path,
        expect.arrayContaining(['idempotency-key-reused', 'idempotency-key-in-use', 'validation-failed']),
        expect.arrayContaining(['Idempotent-Replayed']),
      ]);
    }
  });

  it('answers every call that writes more each time again as the first time, and refuses its key for anything else', async () => {
    const tables = ['interactions', 'items', 'training_runs', 'idempotency_keys'];
    const sizes = async () => {
      const counts: number[] = [];
      for (const table of tables) counts.push(await countOf(table));
      return counts;
    };
    const calls = writing();
    for (const [index, call] of calls.entries()) {
      const { address, type, method, body } = example(call);
      const another = example(calls.at(index - 1)!);
      const key = randomUUID();
      const first = await post(address, body, { key, type, method });
      expect([address, first.status < 300, first.headers.get('idempotent-replayed')]).toEqual([
        address,
        true,
        null,
      ]);
      const before = await sizes();
      const again = await post(address, body, { key, type, method });
      expect(again).toMatchObject({ status: first.status, text: first.text });
      expect([again.headers.get('idempotent-replayed'), again.headers.get('location')]).toEqual([
        'true',
        first.headers.get('location'),
      ]);
      const { address: elsewhere, body: otherBody, ...others } = another;
      const other = await post(elsewhere, otherBody, { key, ...others });
      const text = typeof body === 'string' ? body : JSON.stringify(body ?? {});
      const changed = await post(address, `${text}\n`, { key, type, method });
      for (const refused of [other, changed])
        expect([address, refused.status, refused.body.type, refused.body.errors[0].pointer]).toEqual([
          address,
          422,
          '/problems/idempotency-key-reused',
          `#/${HEADER}`,
        ]);
      expect(await sizes()).toEqual(before);
    }
  });

  it('stores a click without occurredAt once, where posts without a key store one each', async () => {
    const key = randomUUID();
    for (let time = 0; time < 3; time++) await post('interactions', click('keyed'), { key });
    for (let time = 0; time < 3; time++) await service.send('POST', 'interactions', click('keyless'));
    expect([await clicksOf('keyed'), await clicksOf('keyless')]).toEqual([1, 3]);
  });

  it('is sent by the example of docs/data.md, which can be repeated', async () => {
    const command = shellCommandsOf('docs/data.md').find((one) => one.includes('idempotency-key'));
    const local = command!.replaceAll('http://127.0.0.1:3000', service.url);
    const run = async () => (await promisify(execFile)('sh', ['-c', local])).stdout;
    const first = await run();
    expect([JSON.parse(first).stored, await run()]).toEqual([1, first]);
  });

  it('is of one catalog', async () => {
    await service.send('PUT', '/v1/catalogs/other');
    const key = randomUUID();
    await post('interactions', click('here'), { key });
    const there = await post('/v1/catalogs/other/interactions', click('here'), { key });
    expect([there.status, there.body.stored, there.headers.get('idempotent-replayed')]).toEqual([
      200,
      1,
      null,
    ]);
  });

  it('is not looked up in a catalog whose name none can have', async () => {
    for (const call of writing())
      for (const catalog of ['%00', 'a%00b', '%20', 'x'.repeat(513)]) {
        const { address, body, ...rest } = example(call);
        const refused = await post(address.replace('default', catalog), body, rest);
        expect([address, refused.status, refused.body.errors]).toEqual([
          address,
          422,
          [{ pointer: '#/catalog', detail: expect.any(String) }],
        ]);
      }
  });

  it('is 1 to 255 printable ASCII characters', async () => {
    const good = ['a', '~'.repeat(255), 'two words', '"quoted"', '%00,;='];
    for (const key of good) expect((await post('interactions', click('k'), { key })).status).toBe(200);
    const bad = ['', 'x'.repeat(256), 'ä', 'a\tb', '\u00a0'];
    for (const key of bad)
      for (const [path, type] of [
        ['interactions', JSON_TYPE],
        ['interactions/import', 'text/csv'],
      ] as const) {
        const { status, body } = await post(path, click('k'), { key, type });
        expect([key, status, body.errors?.[0]]).toEqual([
          key,
          422,
          { pointer: `#/${HEADER}`, detail: expect.stringContaining('255') },
        ]);
      }
  });

  it('is not kept for a call that fails, which can be tried again', async () => {
    const key = randomUUID();
    const failures = [
      await post('interactions', { interactions: [] }, { key }),
      await post('interactions', '{', { key }),
      await post('/v1/catalogs/nowhere/interactions', click('x'), { key }),
      await post('interactions/import', 'userId,itemId\nu,\n', { key, type: 'text/csv' }),
      await post('training-runs', { model: 'ease', parameters: { regularization: -1 } }, { key }),
      await post(`models/${randomUUID()}/activate`, undefined, { key }),
    ];
    expect(failures.map(({ status }) => status)).toEqual([422, 400, 404, 422, 422, 404]);
    await service.database.allowConnections(false);
    const unavailable = await post('interactions', click('tried'), { key });
    await service.database.allowConnections(true);
    expect(unavailable.status).toBe(503);
    expect(await keysOf(key)).toBe(0);
    const stored = await waitFor('the database', async () => {
      const reply = await post('interactions', click('tried'), { key });
      return reply.status === 200 ? reply : null;
    });
    expect(stored.body.stored).toBe(1);
    expect(await clicksOf('tried')).toBe(1);
  });

  it('is refused with 409 while the first call is running, at another process too, and replays afterwards', async () => {
    const other = await service.startAnotherApi();
    try {
      const key = randomUUID();
      const stream = openBody('userId,itemId\nslow,item-1\n');
      const first = post('interactions/import', stream.body, { key, type: 'text/csv' });
      await waitFor('the import to begin', async () => (await locksOfKeys()) === 1);
      for (const url of [service.url, other.url]) {
        const { status, body, headers } = await post('interactions/import', 'userId,itemId\nslow,item-1\n', {
          ...{ key, url },
          type: 'text/csv',
        });
        expect([status, body.type]).toEqual([409, '/problems/idempotency-key-in-use']);
        expect(headers.get('retry-after')).toBe('1');
      }
      const unrelated = await post('interactions', click('meanwhile'));
      expect(unrelated.status).toBe(200);
      stream.end();
      expect((await first).body).toMatchObject({ stored: 1 });
      const again = await post('interactions/import', 'userId,itemId\nslow,item-1\n', {
        ...{ key, url: other.url },
        type: 'text/csv',
      });
      expect([again.headers.get('idempotent-replayed'), again.text]).toEqual(['true', (await first).text]);
      expect(await clicksOf('slow')).toBe(1);
    } finally {
      await other.process.kill();
    }
  });
  const locksOfKeys = () =>
    countOf(
      "pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND mode = 'ExclusiveLock' AND objsubid = 1",
    );

  it('stores once what many post at once to two processes, each of which answers with it or with 409', async () => {
    const other = await service.startAnotherApi();
    try {
      const key = randomUUID();
      const replies = await Promise.all(
        Array.from({ length: 24 }, (_, n) =>
          post('interactions', click('crowd'), { key, url: n % 2 ? service.url : other.url }),
        ),
      );
      expect(new Set(replies.map(({ status }) => status))).toEqual(
        new Set(replies.some(({ status }) => status === 409) ? [200, 409] : [200]),
      );
      const written = replies.filter(
        ({ status, headers }) => status === 200 && !headers.has('idempotent-replayed'),
      );
      expect(written).toHaveLength(1);
      expect(await clicksOf('crowd')).toBe(1);
    } finally {
      await other.process.kill();
    }
  });

  it('hashes an import as it passes: its replay reads all of it, tells a change of its last byte, and stores nothing', async () => {
    const key = randomUUID();
    const rows = Array.from({ length: 150_000 }, (_, n) => `bulk-${n % 5_000},item-${n % 97}\n`);
    const file = `userId,itemId\n${rows.join('')}`;
    const options = { key, type: 'text/csv' };
    const first = await post('interactions/import', file, options);
    expect(first.status).toBe(200);
    const before = await countOf('interactions');
    const again = await post('interactions/import', inPieces(file), options);
    expect([again.text, again.headers.get('idempotent-replayed')]).toEqual([first.text, 'true']);
    const changed = `${file.slice(0, -2)}8\n`;
    expect((await post('interactions/import', inPieces(changed), options)).status).toBe(422);
    const endless = inPieces(file.repeat(Math.ceil((9 * MEBIBYTE) / file.length)));
    expect((await post('interactions/import', endless, options)).status).toBe(413);
    expect(await countOf('interactions')).toBe(before);
  });

  it('is kept for a day, and deleted after it', async () => {
    const key = randomUUID();
    await post('interactions', click('daily'), { key });
    const age = (hours: number) =>
      service.database.query(
        `UPDATE idempotency_keys SET created_at = now() - interval '${hours} hours' WHERE key = $1`,
        [key],
      );
    await age(23.9);
    expect((await post('interactions', click('daily'), { key })).headers.has('idempotent-replayed')).toBe(
      true,
    );
    await age(24.1);
    const later = await post('interactions', click('daily'), { key });
    expect([later.status, later.headers.get('idempotent-replayed')]).toEqual([200, null]);
    expect(await clicksOf('daily')).toBe(2);
    await age(24.1);
    await waitFor('the key to go', async () => (await keysOf(key)) === 0);
  });

  it('goes with its catalog', async () => {
    await service.send('PUT', '/v1/catalogs/brief');
    const key = randomUUID();
    await post('/v1/catalogs/brief/interactions', click('brief'), { key });
    expect((await service.send('DELETE', '/v1/catalogs/brief')).body.status).toBe('done');
    expect(await keysOf(key)).toBe(0);
    expect((await post('/v1/catalogs/brief/interactions', click('brief'), { key })).status).toBe(404);
  });
});
