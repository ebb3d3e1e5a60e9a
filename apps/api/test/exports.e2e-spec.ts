import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { TestService, twoTastes } from '../../../test/support/api.js';
import { waitFor } from '../../../test/support/processes.js';

const ROWS = 300_000;
/** Rows that take far more than what lies between a database and a client. */
const FILL = `WITH u AS (INSERT INTO users (catalog_id, user_key, external_id)
    SELECT 'large', n, 'a-user-with-a-name-of-some-length-' || n FROM generate_series(0, 999) n),
  i AS (INSERT INTO items (catalog_id, item_key, external_id, tags)
    SELECT 'large', n, 'an-item-with-a-name-of-some-length-' || n, '{}' FROM generate_series(0, 299) n),
  t AS (INSERT INTO interaction_types (catalog_id, type_key, name) VALUES ('large', 1, 'view'))
  INSERT INTO interactions (catalog_id, user_key, item_key, type_key, occurred_at, weight)
    SELECT 'large', n / 300, n % 300, 1, '2026-01-01', 1 FROM generate_series(0, ${ROWS - 1}) n`;

describe('exports over HTTP', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ redis: true, worker: false, env: { IMPORT_IDLE_SECONDS: '20' } });
    await service.send('POST', 'interactions', { interactions: twoTastes() });
    await service.send('POST', 'items', { items: [{ itemId: 'item-1', title: 'One', tags: ['red'] }] });
    await service.send('DELETE', 'items/item-2');
    await fetch(`${service.url}/v1/catalogs/large`, { method: 'PUT' });
    await service.database.query(FILL);
  });
  afterAll(() => service.stop());

  const address = (catalog: string, path: string) => `${service.url}/v1/catalogs/${catalog}/export/${path}`;
  const exported = (path: string, catalog = 'default') => fetch(address(catalog, path));
  const begin = async (path: string): Promise<IncomingMessage> => {
    const [response] = (await once(get(address('large', path)), 'response')) as [IncomingMessage];
    return response;
  };
  const reading = async () =>
    (
      await service.database.query(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY (SELECT%'
          AND state = 'active'`,
      )
    ).rows as { pid: number }[];
  const noneReads = () => waitFor('no export reads', async () => (await reading()).length === 0);

  it('answers a table in each format with its type and a name for the file', async () => {
    const csv = await exported('items?format=csv');
    expect([csv.status, csv.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="default-items.csv"');
    const text = await csv.text();
    expect(text).toMatch(/^itemId,title,tags,available,createdAt,deletedAt\n/);
    expect(text).toMatch(/\nitem-1,One,"\[""red""\]",true,[^,]+Z,\nitem-10,/);
    expect(text).toMatch(/\nitem-2,,\[\],true,[^,]+Z,[^,]+Z\n/);
    const lines = (await (await exported('interactions?format=jsonl')).text()).trimEnd().split('\n');
    expect(lines.map((line) => Object.keys(JSON.parse(line) as object).join())).toEqual(
      lines.map(() => 'userId,itemId,type,weight,occurredAt'),
    );
    const parquet = await exported('users?format=parquet');
    expect(parquet.headers.get('content-type')).toBe('application/vnd.apache.parquet');
    const bytes = Buffer.from(await parquet.arrayBuffer()).toString('latin1');
    expect([bytes.slice(0, 4), bytes.slice(-4)]).toEqual(['PAR1', 'PAR1']);
    expect(await (await exported('users')).text()).toMatch(
      /^userId,training,personal,tags\nuser-0,true,true,\[\]\n/,
    );
  });

  it('answers the tables of an empty catalog with their columns, whose imports say that there is nothing', async () => {
    const at = `${service.url}/v1/catalogs/empty`;
    await fetch(at, { method: 'PUT' });
    const headers = {
      interactions: 'userId,itemId,type,weight,occurredAt\n',
      items: 'itemId,title,tags,available,createdAt,deletedAt\n',
      users: 'userId,training,personal,tags\n',
    };
    for (const [table, header] of Object.entries(headers))
      for (const format of ['csv', 'jsonl', 'parquet']) {
        const answer = await exported(`${table}?format=${format}`, 'empty');
        const bytes = new Uint8Array(await answer.arrayBuffer());
        const text = Buffer.from(bytes).toString('latin1');
        expect(answer.status).toBe(200);
        if (format !== 'parquet') expect(text).toBe(format === 'csv' ? header : '');
        else expect([text.slice(0, 4), text.slice(-4)]).toEqual(['PAR1', 'PAR1']);
        const type = 'application/octet-stream';
        const again = await fetch(`${at}/${table}/import`, {
          method: 'POST',
          body: bytes,
          headers: { 'content-type': type },
        });
        const body = (await again.json()) as { detail?: string; summary?: Record<string, unknown> };
        if (table === 'interactions' || format === 'jsonl') {
          expect([again.status, body.detail]).toEqual([422, expect.stringMatching(/no rows|nothing in it/)]);
        } else expect([again.status, body.summary?.[table]]).toEqual([200, 0]);
      }
  });

  it('answers settings as one object, and says what it does not have', async () => {
    const settings = await exported('settings');
    expect(await settings.json()).toMatchObject({ unknownItems: 'create', schedules: [] });
    const statuses = ['users?format=xml', 'models', 'settings?format=csv'].map(async (path) =>
      exported(path),
    );
    expect((await Promise.all(statuses)).map(({ status }) => status)).toEqual([422, 422, 422]);
    const unknown = await exported('items', 'nobody');
    expect([unknown.status, await unknown.json()]).toEqual([404, expect.objectContaining({ status: 404 })]);
  });

  it('has a HEAD that reads nothing', async () => {
    const head = await fetch(address('large', 'interactions?format=jsonl'), { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    expect(await reading()).toEqual([]);
  });

  it.each(['csv', 'jsonl', 'parquet'])('streams many rows as %s while lists are answered', async (format) => {
    const response = await begin(`interactions?format=${format}`);
    const chunks: Buffer[] = [];
    let lists = 0;
    for await (const chunk of response) {
      chunks.push(chunk as Buffer);
      if (chunks.length % 20 !== 1) continue;
      expect((await service.get('users/user-0/recommendations?k=5')).status).toBe(200);
      lists++;
    }
    expect(lists).toBeGreaterThan(0);
    const bytes = Buffer.concat(chunks);
    if (format !== 'parquet') {
      const header = format === 'csv' ? 1 : 0;
      expect(bytes.toString('latin1').split('\n')).toHaveLength(ROWS + header + 1);
    } else expect(bytes.toString('latin1', bytes.length - 4)).toBe('PAR1');
  });

  it('ends reading when the client leaves, and goes on answering', async () => {
    for (const format of ['csv', 'parquet']) {
      const response = await begin(`interactions?format=${format}`);
      await once(response, 'readable');
      response.destroy();
      await noneReads();
    }
    expect((await exported('users')).status).toBe(200);
  });

  it('cuts the connection when the export breaks off, so that it does not look whole', async () => {
    for (const format of ['jsonl', 'parquet']) {
      const response = await begin(`interactions?format=${format}`);
      const [{ pid }] = (await waitFor('an export reads', async () => {
        const found = await reading();
        return found.length > 0 && found;
      })) as [{ pid: number }];
      await service.database.query(`SELECT pg_terminate_backend(${pid})`);
      const failed = once(response, 'error');
      response.resume();
      expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
      expect(response.complete).toBe(false);
    }
    expect((await exported('users')).status).toBe(200);
  });

  /** An export that ended a moment ago may still have its place. */
  const beginAdmitted = async (path: string): Promise<IncomingMessage> => {
    let response = await begin(path);
    await waitFor('a place', async () => {
      if (response.statusCode === 200) return true;
      response.resume();
      response = await begin(path);
      return false;
    });
    return response;
  };

  /** Sends this and reads nothing, however long the answer is. */
  const neverReads = async (sent: string): Promise<Socket> => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1').pause();
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(sent);
    return socket;
  };
  const requestOf = (head: string, body = '', length = body.length) =>
    `${head} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`;

  it('refuses a third export at a time, and cuts off clients that take nothing', async () => {
    // Answers that were made whole, and streamed ones; a body that does not end.
    const batch = JSON.stringify({ requests: Array.from({ length: 1_000 }, () => ({})) });
    const batches = requestOf('POST /v1/catalogs/default/recommendations/batch', batch).repeat(40);
    const others = await Promise.all([
      neverReads(requestOf('GET /docs-json').repeat(40)),
      neverReads(batches),
      neverReads(requestOf('POST /v1/catalogs/default/interactions', '{', 100_000)),
    ]);
    const slow = await Promise.all(
      ['csv', 'jsonl'].map((format) => beginAdmitted(`interactions?format=${format}`)),
    );
    const refused = await exported('users');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10']);
    expect(await refused.json()).toMatchObject({ type: '/problems/too-busy' });
    await noneReads();
    const failures = slow.map((response) => once(response, 'error'));
    for (const response of slow) response.resume();
    for (const [error] of await Promise.all(failures)) expect(error).toMatchObject({ code: 'ECONNRESET' });
    expect((await exported('users')).status).toBe(200);
    for (const socket of others)
      await waitFor('the connection to be closed', () => {
        // Who reads nothing learns of it by writing, which does not put it off.
        if (socket.errored === null) socket.write('\r\n');
        return socket.errored !== null;
      });
    expect(service.api.log).toContainEqual(expect.objectContaining({ event: 'clients.cut-off' }));
  });
});
