import { once } from 'node:events';
import { request, type ClientRequest } from 'node:http';
import { openTemporaryFiles } from '../../../libs/datasets/src/testing/open-files.js';
import { call } from '../../support/http.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { ServiceProcess, waitFor } from '../../support/processes.js';
import { findFreePort } from '../../support/redis.js';

/** Tables that the test locks, and the lock that the import then waits for. */
const CATALOGS = { table: 'catalogs', mode: 'EXCLUSIVE', waiting: 'RowShareLock' };
const KEYS = { table: 'idempotency_keys', mode: 'ACCESS EXCLUSIVE', waiting: 'AccessShareLock' };

describe('an API whose client breaks off an import', () => {
  let database: TestDatabase;
  let api: ServiceProcess;
  let url: string;

  beforeEach(async () => {
    database = await createTestDatabase();
    const PORT = String(await findFreePort());
    api = new ServiceProcess('programs/api.js', { DATABASE_URL: database.url, PORT });
    url = `http://127.0.0.1:${PORT}`;
    await api.waitForEvent('api.started');
  });
  afterEach(async () => {
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
    await api.waitForEvent('request.failed');
    await isAlive();
  });

  it('goes on when the body is being stored, and leaves nothing of it', async () => {
    const sent = beginImport('default');
    await waitFor('the temporary file', () => Promise.resolve(openTemporaryFiles(api.pid).length > 0));
    await breakOff(sent);
    await api.waitForEvent('request.failed');
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
});
