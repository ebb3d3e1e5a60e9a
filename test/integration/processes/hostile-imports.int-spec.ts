import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request, type ClientRequest } from 'node:http';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { openTemporaryFiles } from '../../../libs/datasets/src/testing/open-files.js';
import { answerTo, call } from '../../support/http.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { ServiceProcess, waitFor } from '../../support/processes.js';
import { findFreePort } from '../../support/redis.js';

/** Tables that the test locks, and the lock that the import then waits for. */
const CATALOGS = { table: 'catalogs', mode: 'EXCLUSIVE', waiting: 'RowShareLock' };
const KEYS = { table: 'idempotency_keys', mode: 'ACCESS EXCLUSIVE', waiting: 'AccessShareLock' };

const MEBIBYTE = 1024 ** 2;
const MOST_MEMORY = 64 * MEBIBYTE;
/** Else garbage waits for a core that other suites use, and what is measured is how long. */
const NODE = [process.execPath, '--single-threaded-gc', ...process.execArgv] as const;

describe('an API that is sent hostile imports', () => {
  let database: TestDatabase;
  let api: ServiceProcess;
  let url: string;
  let loggedBefore: number;

  beforeAll(async () => {
    database = await createTestDatabase();
    const PORT = String(await findFreePort());
    api = new ServiceProcess('programs/api.js', { DATABASE_URL: database.url, PORT }, [...NODE]);
    url = `http://127.0.0.1:${PORT}`;
    await api.waitForEvent('api.started');
  });
  beforeEach(() => (loggedBefore = api.log.length));
  afterAll(async () => {
    await api.kill();
    await database.drop();
  });

  const beginImport = (catalog: string, key?: string): ClientRequest => {
    const headers = { 'content-type': 'text/csv', ...(key !== undefined && { 'idempotency-key': key }) };
    const sent = request(`${url}/v1/catalogs/${catalog}/interactions/import`, { method: 'POST', headers });
    sent.on('error', () => undefined);
    sent.write('userId,itemId\nada,item-1\n');
    return sent;
  };
  const failed = () => api.waitForEvent('request.failed', undefined, { since: loggedBefore });
  const breakOff = (sent: ClientRequest) =>
    new Promise((resolve) => {
      sent.once('close', resolve).destroy();
    });
  /** The answer of a refused or broken import is logged, or told, after the stream is done with. */
  const isAlive = async () => {
    expect(await call(`${url}/health/live`)).toMatchObject({ status: 200 });
    expect(api.hasExited).toBe(false);
  };

  it.each([
    { when: 'nobody has begun to read one with a key', held: CATALOGS, key: 'one' },
    { when: 'its key is looked up', held: KEYS, key: 'one' },
  ])('goes on when $when', async ({ held, key }) => {
    await database.query(`BEGIN; LOCK TABLE ${held.table} IN ${held.mode} MODE`);
    const sent = beginImport('default', key);
    await waitFor('the import to wait for the database', async () => {
      const { rows } = await database.query(
        'SELECT FROM pg_locks WHERE relation = $1::regclass AND mode = $2 AND NOT granted',
        [held.table, held.waiting],
      );
      return rows.length > 0;
    });
    await breakOff(sent);
    await isAlive();
    await database.query('COMMIT');
    await failed();
    await isAlive();
  });

  it('goes on when the body is being stored, and leaves nothing of it', async () => {
    const sent = beginImport('default');
    await waitFor('the temporary file', () => Promise.resolve(openTemporaryFiles(api.pid).length > 0));
    await breakOff(sent);
    await failed();
    await isAlive();
    expect(openTemporaryFiles(api.pid)).toEqual([]);
    const { rows } = await database.query('SELECT FROM interactions');
    expect(rows).toEqual([]);
  });

  it.each([
    ['it', undefined],
    ['one with a key', 'one'],
  ])('goes on when it has refused %s already', async (_what, key) => {
    const sent = beginImport('unknown', key);
    const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
    expect(response.statusCode).toBe(404);
    await breakOff(sent);
    await isAlive();
  });

  /** The most memory that the process has had so far. */
  const peakBytes = () => {
    const [, kibibytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${api.pid}/status`, 'utf8'))!;
    return Number(kibibytes) * 1024;
  };
  const post = async (bytes: Iterable<Buffer>) => {
    const headers = { 'content-type': 'application/octet-stream' };
    const sent = request(`${url}/v1/catalogs/default/interactions/import`, { method: 'POST', headers });
    Readable.from(bytes, { objectMode: false }).pipe(sent);
    const { status, text } = await answerTo(sent);
    return { status, ...(JSON.parse(text) as { readonly type: string; readonly detail: string }) };
  };

  it.each<[string, () => Iterable<Buffer>, string, RegExp]>([
    [
      'a zip bomb',
      () => [gzipSync(Buffer.alloc(128 * MEBIBYTE), { level: 1 })],
      'source',
      /more than 200 times as large/,
    ],
    [
      'a line of 100 MB',
      () => Array<Buffer>(1_526).fill(Buffer.alloc(65_536, 'x')),
      'source',
      /line 1 has more than 1048576 characters/,
    ],
    [
      'a million columns',
      () => [Buffer.alloc(1_000_000, ',')],
      'source',
      /has 1000001 columns, and 10000 are the most/,
    ],
    ['an id with NUL', () => [Buffer.from('userId,itemId\na\0b,i\n')], 'row', /line 2: userId/],
    ['a megabyte of NUL', () => [Buffer.alloc(MEBIBYTE - 1)], 'source', /one cell only/],
  ])('refuses %s with what to do, and needs less than 64 MiB more', async (_, bytes, code, detail) => {
    await post([Buffer.from('no\ntable\n')]);
    const before = peakBytes();
    const answer = await post(bytes());
    expect(answer).toMatchObject({ status: 422, type: `/problems/import-${code}-invalid` });
    expect(answer.detail).toMatch(detail);
    expect(peakBytes() - before).toBeLessThan(MOST_MEMORY);
    expect(openTemporaryFiles(api.pid)).toEqual([]);
    const { rows } = await database.query('SELECT FROM users');
    expect(rows).toEqual([]);
  });
});
