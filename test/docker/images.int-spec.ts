import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { twoTastes } from '../support/api.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { waitFor } from '../support/processes.js';
import { findFreePort } from '../support/redis.js';
import { commandOf, environmentOf, healthCheckOf, makeStage, ROOT, valuesOf } from './dockerfile.js';

const TARGETS = ['api', 'worker'] as const;
/** What tests and builds need, and what the dashboard was built of. */
const TOOLS = ['jest', 'prisma', 'vite', 'uplot', '@base-ui'].map((name) => `node_modules/${name}`);
const INSTALL_LIMIT_MS = 600_000;

/** The stages of docker/Dockerfile, made in empty folders. The checkout is what the stage `build` makes. */
describe('docker/Dockerfile', () => {
  let folder: string;
  let database: TestDatabase;
  let env: NodeJS.ProcessEnv;
  const running = new Map<string, ChildProcess>();
  const inTarget = (target: string, [program, ...args]: readonly string[]) =>
    execFileSync(program!, args, { cwd: join(folder, target), env: { ...environmentOf(target), ...env } });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sparserec-images-'));
    const packages = join(folder, 'packages');
    makeStage('packages', packages, {});
    for (const target of TARGETS) makeStage(target, join(folder, target), { packages, build: ROOT });
    database = await createTestDatabase({ isMigrated: false });
    env = {
      PATH: process.env['PATH'],
      DATABASE_URL: database.url,
      REDIS_URL: '',
      PORT: String(await findFreePort()),
      ALLOW_REMOTE_WITHOUT_KEYS: '1',
      TRAINING_THREADS: '1',
    };
  }, INSTALL_LIMIT_MS);
  afterAll(async () => {
    for (const child of running.values()) child.kill('SIGKILL');
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const call = async (path: string, body?: object) => {
    const init = body && { method: 'POST', body: JSON.stringify(body) };
    const url = `http://127.0.0.1:${env['PORT']}/v1/catalogs/default/${path}`;
    const response = await fetch(url, { ...init, headers: { 'content-type': 'application/json' } });
    return (await response.json()) as Record<string, unknown>;
  };

  it('copies no sources and no tools into the images', () => {
    for (const target of TARGETS)
      for (const name of ['apps', 'libs', 'test', ...TOOLS])
        expect({ name, isThere: existsSync(join(folder, target, name)) }).toEqual({ name, isThere: false });
  });

  it('migrates an empty database from the image of the API', () => {
    expect(String(inTarget('api', ['node', 'docker/migrate.mjs']))).toMatch(/^Applied /);
    expect(String(inTarget('api', ['node', 'docker/migrate.mjs']))).toMatch(/is up to date/);
  });

  it('starts both processes from the files of their images alone, in health', async () => {
    for (const target of TARGETS) {
      const [program, ...args] = commandOf(target);
      const options = { cwd: join(folder, target), env: { ...environmentOf(target), ...env } };
      running.set(target, spawn(program!, args, { ...options, stdio: 'ignore' }));
      await waitFor(`the health check of ${target}`, () => {
        try {
          return inTarget(target, healthCheckOf(target));
        } catch {
          return null;
        }
      });
    }
  });

  it('trains and answers with them', async () => {
    await call('interactions', { interactions: twoTastes() });
    const { id } = await call('training-runs', { model: 'ease' });
    const { modelId } = await waitFor('the run to succeed', async () => {
      const run = await call(`training-runs/${String(id)}`);
      return run['status'] === 'succeeded' ? run : null;
    });
    // The API hears of the model a moment after the run has ended.
    await waitFor('the model', async () => (await call('popular?k=1'))['modelId'] === modelId);
    expect(await call('users/user-0/recommendations?k=3')).toMatchObject({
      modelId,
      items: Array(3).fill({ source: 'model' }),
    });
  });

  it('shows the queue board, whose files are in a package', async () => {
    const board = `http://127.0.0.1:${env['PORT']}/queues`;
    const html = await (await fetch(board)).text();
    const script = /src="(static\/js\/main[^"]+)"/.exec(html)![1]!;
    expect((await fetch(`${board}/${script}`)).status).toBe(200);
  });

  it('serves the dashboard with its scripts, which needs no package', async () => {
    const page = `http://127.0.0.1:${env['PORT']}/`;
    const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(await (await fetch(page)).text())![1]!;
    const { status, headers } = await fetch(page + script);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
  });

  it('make the first key by their command line, which then opens the service', async () => {
    const made = inTarget('api', ['./sparserec', 'keys', 'create', '--name', 'admin', '--scopes', 'admin']);
    const [token] = /sparserec_[\w-]{64}/.exec(String(made))!;
    const statusWith = async (headers: Record<string, string>) =>
      (await fetch(`http://127.0.0.1:${env['PORT']}/v1/keys`, { headers })).status;
    await waitFor('the service to need it', async () => (await statusWith({})) === 401);
    expect(await statusWith({ authorization: `Bearer ${token}` })).toBe(200);
    expect(String(inTarget('worker', ['./sparserec', 'keys', 'list']))).toContain('admin');
  });

  it('ends both by the signal that a container gets', async () => {
    for (const child of running.values()) {
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
    }
  });

  it('runs every process as another user than root', () => {
    for (const target of TARGETS) expect(valuesOf(target, 'USER')).toEqual(['node']);
  });
});
