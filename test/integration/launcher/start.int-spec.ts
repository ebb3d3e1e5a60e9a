import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request, type ClientRequest } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { twoTastes } from '../../support/api.js';
import { answerTo, call } from '../../support/http.js';
import { waitFor } from '../../support/processes.js';
import { findFreePort } from '../../support/redis.js';
import { shellCommandsOf } from '../../support/shell-commands.js';
import { Launcher, LIMIT_MS, makeHome, processesWith } from './launcher.js';

const ROOT = join(import.meta.dirname, '../../..');

function paste(command: string) {
  return JSON.parse(execFileSync('bash', ['-c', command], { encoding: 'utf8' }));
}

/** With names of columns that nobody knows, but for the title. */
function tableOfTwoTastes(): string {
  const rows = twoTastes().map(({ userId, itemId }) => `${userId},${itemId},Title of ${itemId}`);
  return ['who,what,title', ...rows, ''].join('\n');
}

/** Kernels that round differently give the same numbers but for the last digits. */
function nearly(value: unknown): unknown {
  if (typeof value === 'number') return expect.closeTo(value, 6);
  if (Array.isArray(value)) return value.map(nearly);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, nearly(part)]));
}

function expectThreeAnswers({ calls }: Launcher): void {
  expect(calls).toHaveLength(3);
  for (const { command, answer } of calls) {
    const { recommendationId: _, ...printed } = JSON.parse(answer);
    expect(paste(command)).toMatchObject(printed);
    expect(printed.items).toHaveLength(3);
    for (const item of printed.items)
      expect(item).toMatchObject({ source: 'model', title: expect.any(String) });
  }
}

describe('npm start', () => {
  const home = makeHome();
  let port: number;
  let launcher: Launcher;

  beforeAll(async () => {
    port = await findFreePort();
    launcher = new Launcher(home, port);
    await launcher.ready();
  }, LIMIT_MS);

  afterAll(async () => {
    await launcher.interrupt();
    rmSync(home, { recursive: true, force: true });
  });

  it('ends at three calls that answer the same when they are pasted', () => {
    expectThreeAnswers(launcher);
  });

  it('makes every command of the README work', () => {
    const commands = shellCommandsOf('README.md');
    expect(commands.length).toBeGreaterThan(5);
    const replies = commands.map((command) => paste(command.replaceAll(':3000', `:${port}`)));
    for (const reply of replies) expect(reply).not.toHaveProperty('title', expect.any(String));
    const [shown] = /(?<=^```json\n)[^]*?(?=^```)/m.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))!;
    expect(replies[1].items).toEqual(nearly(JSON.parse(shown).items));
  });

  it('says that it is already running, and where', async () => {
    const second = new Launcher(home, await findFreePort());
    expect(await second.exitCode()).toBe(1);
    expect(second.output).toContain(
      `already running at http://127.0.0.1:${port} (process ${launcher.child.pid})`,
    );
  });

  it('says that a port is in use, naming both', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const busy = (server.address() as { port: number }).port;
    const second = new Launcher(mkdtempSync(join(tmpdir(), 'sparserec-busy-')), busy);
    expect(await second.exitCode()).toBe(1);
    expect(second.output).toContain(
      `Port ${busy} of 127.0.0.1 is in use. Choose another with PORT, or another address with HOST.`,
    );
    server.close();
  });

  it(
    'lets a call end when it is interrupted, for which npm sends two signals, and cuts it off when it is interrupted again',
    async () => {
      const beginImport = async (): Promise<ClientRequest> => {
        const address = `http://127.0.0.1:${port}/v1/catalogs/default/interactions/import`;
        const sent = request(address, { method: 'POST', headers: { 'content-type': 'text/csv' } });
        sent.write('userId,itemId\nlate,item-1\n');
        const [socket] = (await once(sent, 'socket')) as [Socket];
        await once(socket, 'connect');
        return sent;
      };
      const untilDraining = () =>
        waitFor('the drain', async () => {
          const { status } = await call(`http://127.0.0.1:${port}/health/ready`);
          return status === 503;
        });
      const finished = await beginImport();
      for (let n = 0; n < 2; n++) launcher.child.kill('SIGINT');
      await untilDraining();
      finished.end();
      expect(await answerTo(finished)).toMatchObject({ status: 200 });
      expect(await launcher.exitCode()).toBe(0);

      launcher = new Launcher(home, port, { DRAIN_SECONDS: '3600' });
      await launcher.ready();
      const cut = once(await beginImport(), 'error');
      launcher.child.kill('SIGINT');
      await untilDraining();
      await waitFor('the end', () => {
        launcher.child.kill('SIGINT');
        return launcher.child.exitCode !== null;
      });
      await cut;

      launcher = new Launcher(home, port);
      await launcher.ready();
    },
    LIMIT_MS,
  );

  it(
    'leaves no process behind, and keeps all data for the next start',
    async () => {
      expect(await launcher.interrupt()).toBe(0);
      expect(processesWith(home)).toEqual([]);
      // Its own first calls need a key then, as all others do.
      launcher = new Launcher(home, port, { REQUIRE_KEYS: '1' });
      await launcher.ready();
      expect(launcher.output).not.toContain('Loading');
      const address = `http://127.0.0.1:${port}/v1/catalogs/default/users/ada/recommendations?k=3`;
      expect(paste(`curl -s '${address}'`).status).toBe(401);
      const { databaseUrl } = JSON.parse(readFileSync(join(home, 'run.json'), 'utf8'));
      const create = ['keys', 'create', '--name', 'test', '--scopes', 'admin'];
      const key = execFileSync(
        process.execPath,
        ['dist/programs/cli.js', ...create, '--database', databaseUrl],
        { cwd: ROOT, encoding: 'utf8' },
      );
      const bearer = `-H 'authorization: Bearer ${key.trim()}'`;
      await waitFor('the key', () => {
        const list = paste(`curl -s '${address}' ${bearer}`);
        return list.items?.[0].source === 'model';
      });
      const log = paste(`curl -s 'http://127.0.0.1:${port}/v1/audit-log' ${bearer}`);
      expect(JSON.stringify(log)).toMatch(/"address":"npm start","status":201/);
      expect(JSON.stringify(log)).toMatch(/"address":"npm start [\w-]{36}","status":204/);
    },
    LIMIT_MS,
  );
});

describe('npm start without a Redis', () => {
  const home = makeHome();
  let port: number;
  let launcher: Launcher;

  beforeAll(async () => {
    port = await findFreePort();
    launcher = new Launcher(home, port, { REDIS_URL: '' });
    await launcher.ready();
  }, LIMIT_MS);

  afterAll(async () => {
    await launcher.interrupt();
    rmSync(home, { recursive: true, force: true });
  });

  const get = (path: string) => paste(`curl -s 'http://127.0.0.1:${port}${path}'`);
  const post = (path: string, body: unknown) =>
    paste(
      `curl -s 'http://127.0.0.1:${port}${path}' -H 'content-type: application/json' -d '${JSON.stringify(body)}'`,
    );
  const catalog = '/v1/catalogs/default';

  it('says so in one line, starts none and answers all the same', () => {
    expect(launcher.output.split('\n').filter((line) => line.includes('Redis'))).toEqual([
      'No Redis here: queues run on PostgreSQL and caches in process memory.',
    ]);
    expect(processesWith('redis-server').filter((line) => line.includes(home))).toEqual([]);
    expect(get('/health/ready')).toEqual({
      status: 'ok',
      database: 'ok',
      redis: 'none',
      changeFeed: 'listening',
    });
    expectThreeAnswers(launcher);
  });

  it('knows an interaction at once', () => {
    const interactions = [{ userId: 'grace', itemId: 'item-1' }];
    expect(post(`${catalog}/interactions`, { interactions })).toEqual({
      stored: 1,
      duplicates: 0,
      merged: 0,
    });
    const { items } = get(`${catalog}/users/grace/recommendations?k=2&explain=true`);
    expect(items).toHaveLength(2);
    for (const item of items)
      expect(item).toMatchObject({ source: 'model', because: [{ itemId: 'item-1' }] });
  });

  it('trains again on the queue in PostgreSQL', async () => {
    const { id } = post(`${catalog}/training-runs`, { model: 'popularity' });
    const run = await waitFor('the run', () => {
      const found = get(`${catalog}/training-runs/${id}`);
      return found.finishedAt !== null && found;
    });
    expect(run).toMatchObject({ status: 'succeeded', model: 'popularity' });
  });

  it(
    'finishes a deletion in which the API was killed, and loads data again, by the options that say how',
    async () => {
      const { databaseUrl } = JSON.parse(readFileSync(join(home, 'run.json'), 'utf8'));
      const holder = new pg.Client({ connectionString: databaseUrl });
      holder.on('error', () => undefined);
      await holder.connect();
      await holder.query(`BEGIN; SELECT FROM catalogs WHERE id = 'default' FOR KEY SHARE`);
      const { id, status } = paste(`curl -s -X DELETE 'http://127.0.0.1:${port}${catalog}'`);
      expect(status).toBe('running');
      process.kill(launcher.pidOf('api'), 'SIGKILL');
      expect(await launcher.exitCode()).toBe(1);
      expect(launcher.output).toContain('api ended (SIGKILL)');
      await holder.end();

      const table = join(home, 'table.csv');
      writeFileSync(table, tableOfTwoTastes());
      const args = ['--data', table, '--columns', 'user=who,item=what'];
      launcher = new Launcher(home, port, { REDIS_URL: '' }, { args });
      await launcher.ready();
      expect(launcher.output).toContain('Loading the first data');
      expect(get(`/v1/catalog-deletions/${id}`)).toMatchObject({ catalogId: 'default', status: 'done' });
      expectThreeAnswers(launcher);
      const { items } = get(`${catalog}/users/grace/recommendations?k=2`);
      for (const item of items) expect(item.source).toBe('popular');
    },
    LIMIT_MS,
  );
});
