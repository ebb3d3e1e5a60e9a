import { once } from 'node:events';
import { Agent, request, type ClientRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { answerTo, call } from '../../support/http.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { ServiceProcess, waitFor } from '../../support/processes.js';
import { findFreePort } from '../../support/redis.js';

const CATALOG = '/v1/catalogs/default';
const JSON_HEADERS = { 'content-type': 'application/json' };
const CSV_HEADERS = { 'content-type': 'text/csv' };
const NUM_ROWS = 10_000;
/** Nothing that ends before it has waited for it. */
const FAR_BOUND = '3600';

/** Rows of one call: each of a user of its own. */
function rows(count: number, name = 'user') {
  return Array.from({ length: count }, (_, n) => ({
    userId: `${name}-${n}`,
    itemId: `item-${n % 10}`,
    occurredAt: '2026-01-01T00:00:00Z',
  }));
}

describe('an API that is told to end', () => {
  let database: TestDatabase;
  let api: ServiceProcess;
  let url: string;
  let kept: Agent;

  const start = async (DRAIN_SECONDS = FAR_BOUND) => {
    const PORT = String(await findFreePort());
    api = new ServiceProcess('programs/api.js', { DATABASE_URL: database.url, PORT, DRAIN_SECONDS });
    url = `http://127.0.0.1:${PORT}`;
    await api.waitForEvent('api.started');
  };
  const tellToEnd = async () => {
    const exited = api.kill('SIGTERM');
    await api.waitForEvent('api.stopping');
    return exited;
  };
  const list = () => `${url}${CATALOG}/users/user-1/recommendations`;
  const countRows = async () => {
    const { rows: counted } = await database.query('SELECT count(*)::int AS n FROM interactions');
    return (counted as { n: number }[])[0]!.n;
  };

  /** Calls that write wait until `release`. */
  const holdWrites = async () => {
    await database.query('BEGIN; LOCK TABLE interactions IN ACCESS EXCLUSIVE MODE');
    return { release: () => database.query('COMMIT') };
  };
  /** The same without a lock of the table, on which a call gives up after two seconds; reads go on. */
  const holdInserts = async () => {
    await database.query(`CREATE OR REPLACE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      WHILE NOT pg_try_advisory_xact_lock_shared(42) LOOP PERFORM pg_sleep(0.01); END LOOP;
      RETURN NULL; END $$`);
    await database.query(
      'CREATE OR REPLACE TRIGGER hold BEFORE INSERT ON interactions FOR EACH STATEMENT EXECUTE FUNCTION hold()',
    );
    await database.query('SELECT pg_advisory_lock(42)');
    return { release: () => database.query('SELECT pg_advisory_unlock(42)') };
  };
  const untilWaiting = (count = 1) =>
    waitFor('calls that wait for the database', async () => {
      const { rows: waiting } = await database.query(
        `SELECT FROM pg_stat_activity WHERE (wait_event_type = 'Lock' OR wait_event = 'PgSleep') AND datname = current_database()`,
      );
      return waiting.length >= count;
    });
  const post = (count = NUM_ROWS, name = 'user') =>
    call(`${url}${CATALOG}/interactions`, {
      method: 'POST',
      headers: JSON_HEADERS,
      body: JSON.stringify({ interactions: rows(count, name) }),
    });
  /** An import of which one row is sent, and the rest is not yet. */
  const beginImport = async (firstRows = 'userId,itemId\nada,item-1\n'): Promise<ClientRequest> => {
    const sent = request(`${url}${CATALOG}/interactions/import`, { method: 'POST', headers: CSV_HEADERS });
    sent.write(firstRows);
    const [socket] = (await once(sent, 'socket')) as [NodeJS.EventEmitter];
    await once(socket, 'connect');
    return sent;
  };

  beforeEach(async () => {
    database = await createTestDatabase();
    kept = new Agent({ keepAlive: true });
  });
  afterEach(async () => {
    kept.destroy();
    await api.kill();
    await database.drop();
  });

  it('is not ready at once, and answers all other calls in full, those that run and those that still arrive', async () => {
    await start();
    expect((await call(list(), { agent: kept })).connection).toBe('keep-alive');
    const held = await holdInserts();
    const posted = post();
    await untilWaiting();
    const exited = tellToEnd();
    await api.waitForEvent('api.stopping');
    const ready = await call(`${url}/health/ready`);
    expect(ready).toMatchObject({ status: 503, connection: 'close' });
    expect(JSON.parse(ready.text)).toMatchObject({ type: '/problems/draining' });
    expect(await call(`${url}/health/live`)).toMatchObject({ status: 200 });
    for (const agent of [kept, new Agent()])
      expect(await call(`${url}${CATALOG}/popular`, { agent })).toMatchObject({
        status: 200,
        connection: 'close',
      });
    const late = post(1, 'late');
    await untilWaiting(2);
    await held.release();
    expect(JSON.parse((await posted).text)).toEqual({ stored: NUM_ROWS, duplicates: 0, merged: 0 });
    expect(await late).toMatchObject({ status: 200, connection: 'close' });
    expect(await posted).toMatchObject({ status: 200, connection: 'close' });
    expect(await exited).toBe(0);
    expect(await countRows()).toBe(NUM_ROWS + 1);
  });

  it('ends by itself when nothing runs, whatever connections are kept or were never used', async () => {
    await start();
    await call(list(), { agent: kept });
    const silent = connect(Number(new URL(url).port), '127.0.0.1');
    await once(silent, 'connect');
    const closed = once(silent.resume(), 'close');
    expect(await tellToEnd()).toBe(0);
    await closed;
    expect(api.log.at(-1)).toMatchObject({ event: 'api.drained' });
  });

  it('takes in the rest of an import that runs', async () => {
    await start();
    const sent = await beginImport();
    const exited = tellToEnd();
    await api.waitForEvent('api.stopping');
    sent.end('grace,item-2\n');
    expect(await answerTo(sent)).toMatchObject({ status: 200, connection: 'close' });
    expect(await exited).toBe(0);
    expect(await countRows()).toBe(2);
  });

  it('closes what still runs after the bound, and stores nothing of it', async () => {
    await start('1');
    const sent = await beginImport();
    const cut = once(sent, 'error');
    expect(await tellToEnd()).toBe(0);
    await cut;
    expect(api.log).toContainEqual(expect.objectContaining({ event: 'api.drain-abandoned', numCut: 1 }));
    expect(await countRows()).toBe(0);
  });

  it('does not wait for a call whose client has gone', async () => {
    await start();
    const sent = await beginImport();
    sent.on('error', () => undefined);
    const exited = tellToEnd();
    await api.waitForEvent('api.stopping');
    sent.destroy();
    expect(await exited).toBe(0);
    expect(await countRows()).toBe(0);
  });

  it('tells why it refuses an import of which more is on its way', async () => {
    await start();
    const held = await holdWrites();
    const posted = post(1);
    await untilWaiting();
    const exited = tellToEnd();
    await api.waitForEvent('api.stopping');
    const sent = await beginImport('userId,itemId\n,item-1\n');
    const answered = answerTo(sent);
    for (let n = 0; n < 200; n++) sent.write(`user-${n},item-1\n`.repeat(1_000));
    sent.end();
    expect(await answered).toMatchObject({ status: 422 });
    await held.release();
    expect(await posted).toMatchObject({ status: 200 });
    expect(await exited).toBe(0);
  });

  it('ends event streams, and answers later ones with how the run stands', async () => {
    await start();
    const started = await call(`${url}${CATALOG}/training-runs`, {
      method: 'POST',
      headers: JSON_HEADERS,
      body: '{"model":"ease"}',
    });
    const events = `${url}${CATALOG}/training-runs/${(JSON.parse(started.text) as { id: string }).id}/events`;
    const [stream] = (await once(request(events).end(), 'response')) as [AsyncIterable<Buffer>];
    const followed = text(stream);
    const sent = await beginImport();
    const exited = tellToEnd();
    expect(await followed).toMatch(/^\nevent: queued\n(.*\n)+\n$/);
    const later = await call(events);
    expect(later).toMatchObject({ status: 200, connection: 'close' });
    expect(later.text).toMatch(/^\nevent: queued\n(.*\n)+\n$/);
    sent.end();
    expect(await answerTo(sent)).toMatchObject({ status: 200 });
    expect(await exited).toBe(0);
  });

  it('answers calls that were sent one after another on the same connection before it closes', async () => {
    await start();
    const held = await holdWrites();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const body = JSON.stringify({ interactions: rows(1) });
    const head = `POST ${CATALOG}/interactions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    socket.write(`${head}${body}GET ${CATALOG}/popular HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
    const received = text(socket);
    await untilWaiting();
    const exited = tellToEnd();
    await api.waitForEvent('api.stopping');
    await held.release();
    const answers = (await received).split(/(?=HTTP\/1.1 )/);
    expect(answers).toEqual([
      expect.stringMatching(/^HTTP\/1.1 200 OK\r\n[^]*keep-alive[^]*"stored":1/),
      expect.stringMatching(/^HTTP\/1.1 200 OK\r\n[^]*connection: close[^]*"items":\[/i),
    ]);
    expect(await exited).toBe(0);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends at once when it is told a second time, by %s',
    async (signal) => {
      await start();
      const sent = await beginImport();
      const cut = once(sent, 'error');
      const exited = tellToEnd();
      await api.waitForEvent('api.stopping');
      process.kill(api.pid, signal);
      expect(await exited).toBe(1);
      await cut;
    },
  );
});
