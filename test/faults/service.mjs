/** Two APIs and two workers on one PostgreSQL and one Redis, each of which can be killed by its name. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fillDatabase } from '../../bench/lib/database.mjs';
import { ApiKeysRepository } from '../../dist/libs/data/src/index.js';
import { StepError } from '../../scripts/lib/run.mjs';
import { freePort } from '../../scripts/lib/servers.mjs';
import { startApp, waitUntilReady } from '../../scripts/lib/service.mjs';
import { query, startPostgres, startRedis } from './servers.mjs';

const POLL_MS = 20;
const LIMIT_MS = 60_000;
/** Of the key that the load has. */
const SCOPES = ['read', 'write', 'train'];
/** What a process says that has all servers, and one that misses a server. */
const HAS_ALL = {
  api: ({ status, body }) => status === 200 && body.status === 'ok',
  worker: ({ status }) => status === 200,
};
const MISSES = {
  postgres: { api: ({ status }) => status === 503, worker: ({ status }) => status === 503 },
  redis: {
    api: ({ status, body }) => status === 200 && body.status === 'degraded',
    worker: ({ status }) => status === 503,
  },
};

export class Service {
  #processes = new Map();
  /** By the names of servers and processes that were down; ms, Infinity of one that is. */
  #upSince = new Map();

  /**
   * @param disk where PostgreSQL writes; `flags` are for all processes
   * @param network the host of the servers, where it is another one
   * @param clocks of all processes but Redis, where they are to be stepped
   */
  constructor({ folder, disk, flags, network, clocks }) {
    Object.assign(this, { folder, disk, flags, network, clocks });
  }

  /** @param pairs are stored at first; calls need the `keyHeader` from then on */
  async start(pairs) {
    const { network: host, clocks } = this;
    this.postgres = await startPostgres(this.disk, { host, env: clocks?.environmentOf('postgres') });
    this.redis = await startRedis(this.folder, host);
    this.keyHeader = await fillDatabase(this.postgres.url, pairs, makeKey);
    for (const name of ['api-1', 'api-2', 'worker-1', 'worker-2']) {
      this.#processes.set(name, { port: await freePort() });
      this.#launch(name);
    }
    await this.untilReady();
  }

  get apis() {
    return this.#named('api');
  }

  get workers() {
    return this.#named('worker');
  }

  urlOf(name) {
    return `http://127.0.0.1:${this.#processes.get(name).port}`;
  }

  /** From now on until `isUp` its absence excuses failed calls. */
  isDown(name) {
    this.#upSince.set(name, Infinity);
  }

  isUp(name) {
    if (this.#upSince.get(name) === Infinity) this.#upSince.set(name, performance.now());
  }

  /** Infinity while it is down. */
  upSince(name) {
    return this.#upSince.get(name) ?? -Infinity;
  }

  /** SIGKILL, and a new process at once, as a supervisor does. */
  async restart(name) {
    this.isDown(name);
    const { app } = this.#processes.get(name);
    process.kill(app.pid, 'SIGKILL');
    await app.ended;
    this.#launch(name);
  }

  /** Waits until that process, or `postgres`, has a time so many seconds ahead of the true one. */
  stepClock(name, seconds) {
    const read = name === 'postgres' ? this.postgres.time : () => this.#timeOf(name);
    return this.clocks.step(name, seconds, read);
  }

  /** Waits until all processes answer by all servers. */
  async untilReady() {
    await Promise.all(
      [...this.#processes].map(async ([name, { app }]) => {
        await waitUntilReady(app, this.urlOf(name));
        await this.#until(`${name} to have all servers`, name, HAS_ALL);
        this.isUp(name);
      }),
    );
    for (const name of ['postgres', 'redis', 'link']) this.isUp(name);
  }

  /** Waits until all processes say that they miss a server. @returns after how long, ms */
  async untilNoticed(server) {
    const began = performance.now();
    const names = [...this.#processes.keys()];
    await Promise.all(names.map((name) => this.#until(`${name} to miss ${server}`, name, MISSES[server])));
    return performance.now() - began;
  }

  /** @returns which process nobody has killed and has ended, with the end of its log; null while all run */
  async endedByItself() {
    for (const [name, { app }] of this.#processes) {
      const end = await Promise.race([app.ended, delay(0, null)]);
      if (end !== null)
        return `${name} ended by itself (${end}):\n${readFileSync(app.logPath, 'utf8').slice(-2_000)}`;
    }
    return null;
  }

  query(text, values) {
    return query(this.postgres.url, text, values);
  }

  async stop() {
    await Promise.all([...this.#processes.values()].map(({ app }) => app?.stop()));
    await this.postgres?.server.kill('SIGINT');
    await this.redis?.server.kill();
  }

  #named(app) {
    return [...this.#processes.keys()].filter((name) => appOf(name) === app);
  }

  #launch(name) {
    const { port } = this.#processes.get(name);
    const app = appOf(name);
    const env = {
      DATABASE_URL: this.postgres.url,
      REDIS_URL: this.redis.url,
      HOST: '127.0.0.1',
      [app === 'api' ? 'PORT' : 'WORKER_PORT']: String(port),
      RECONCILE_SECONDS: '1',
      TRAINING_THREADS: '1',
      REQUIRE_KEYS: '1',
      // Its load is that of faults, not of callers, on a machine that may be slow.
      MAX_DELAY_MS: '10000',
      ...this.clocks?.environmentOf(name),
      ...this.flags,
    };
    this.#processes.get(name).app = startApp(app, env, join(this.folder, name));
  }

  async #until(what, name, states) {
    const isSo = states[appOf(name)];
    const deadline = Date.now() + LIMIT_MS;
    for (let health = null; ; health = await this.#healthOf(name)) {
      if (health !== null && isSo(health)) return;
      if (Date.now() > deadline)
        throw new StepError(`Waited ${LIMIT_MS / 1_000} s for ${what}: ${JSON.stringify(health)}`);
      await delay(POLL_MS);
    }
  }

  /** @returns NaN while it does not answer */
  async #timeOf(name) {
    const answer = await fetch(`${this.urlOf(name)}/health/live`).catch(() => null);
    return Date.parse(answer?.headers.get('date'));
  }

  async #healthOf(name) {
    const answer = await fetch(`${this.urlOf(name)}/health/ready`).catch(() => null);
    return answer && { status: answer.status, body: await answer.json().catch(() => ({})) };
  }
}

/** @returns its header */
async function makeKey(database) {
  const key = { name: 'load', scopes: SCOPES, catalogs: null, expiresAt: null };
  const { token } = await new ApiKeysRepository(database).make(key);
  return { authorization: `Bearer ${token}` };
}

function appOf(name) {
  return name.split('-')[0];
}
