import { once } from 'node:events';
import { createServer } from 'node:http';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { ServiceProcess } from '../../support/processes.js';
import { findFreePort } from '../../support/redis.js';

describe.each(['api', 'worker'])('the process %s', (name) => {
  const entry = `programs/${name}.js`;
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await database.drop();
  });

  it('logs one object a line, each with its event, and ends with 0 when it is told to', async () => {
    const PORT = String(await findFreePort());
    const child = new ServiceProcess(entry, { DATABASE_URL: database.url, PORT, LOG_LEVEL: 'debug' });
    await child.waitForEvent(`${name}.started`);
    expect(await child.kill('SIGTERM')).toBe(0);
    for (const line of child.log)
      expect(line).toMatchObject({
        time: expect.any(String),
        level: expect.any(String),
        event: expect.stringMatching(/^[a-z-]+\.[a-z-]+$/),
      });
    expect(child.log.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['nest.log', `${name}.started`, `${name}.stopping`]),
    );
  });

  it('names variables that are wrong, and ends with 1', async () => {
    const child = new ServiceProcess(entry, { DATABASE_URL: database.url, PORT: 'x', LOG_LEVEL: 'loud' });
    expect(await child.exited()).toBe(1);
    expect(child.log.at(-1)).toMatchObject({
      level: 'fatal',
      event: `${name}.not-started`,
      reason: expect.stringMatching(/PORT: .*\n {2}LOG_LEVEL: /),
    });
  });
});

describe('the process api', () => {
  const entry = 'programs/api.js';
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await database.drop();
  });

  it('logs requests by their route, without ids, where debug is on', async () => {
    const PORT = String(await findFreePort());
    const child = new ServiceProcess(entry, { DATABASE_URL: database.url, PORT, LOG_LEVEL: 'debug' });
    await child.waitForEvent('api.started');
    await fetch(`http://127.0.0.1:${PORT}/v1/catalogs/default/items/somebodys-secret`);
    const line = await child.waitForEvent('request.completed');
    expect(line).toMatchObject({ method: 'GET', route: '/v1/catalogs/:catalog/items/:id', status: 404 });
    await child.kill('SIGTERM');
    expect(JSON.stringify(child.log)).not.toContain('somebodys-secret');
  });

  it('asks for a key at an address that others can reach, and says how to make one', async () => {
    const PORT = String(await findFreePort());
    const child = new ServiceProcess(entry, { DATABASE_URL: database.url, HOST: '0.0.0.0', PORT });
    const { reason } = await child.waitForEvent('keys.none');
    expect(reason).toContain('sparserec keys create');
    await child.waitForEvent('api.started');
    expect((await fetch(`http://127.0.0.1:${PORT}/v1/catalogs`)).status).toBe(401);
    expect((await fetch(`http://127.0.0.1:${PORT}/health/live`)).status).toBe(200);
    await child.kill('SIGTERM');
  });

  it('listens at an address of IPv6 in brackets', async () => {
    const PORT = String(await findFreePort());
    const child = new ServiceProcess(entry, { DATABASE_URL: database.url, HOST: '[::1]', PORT });
    await child.waitForEvent('api.started');
    expect((await fetch(`http://[::1]:${PORT}/health/live`)).status).toBe(200);
    await child.kill('SIGTERM');
  });

  it('says that its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const PORT = String((other.address() as { port: number }).port);
    const child = new ServiceProcess(entry, { DATABASE_URL: database.url, PORT });
    expect(await child.exited()).toBe(1);
    expect(child.log.at(-1)?.['reason']).toMatch(`Port ${PORT} of 127.0.0.1 is in use.`);
    other.close();
  });
});
