import { setTimeout as delay } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from './postgres.js';
import {
  assertAllRun,
  ServiceProcess,
  waitFor,
  type NodeCommand,
  type TestEnvironment,
} from './processes.js';
import { findFreePort, TestRedis } from './redis.js';

const EXIT_NOTICE_MS = 1_000;

interface StartOptions {
  readonly redis: boolean;
  /** Whether there is somebody who does jobs. Suites without any are quicker without. */
  readonly worker?: boolean;
  readonly env?: TestEnvironment;
  readonly node?: NodeCommand;
  /** Whether callers need a key. All calls of the test service then have one of all scopes. */
  readonly needsKeys?: boolean;
  /** Address by which the service reaches its database, where that is another one. */
  readonly reach?: (databaseUrl: string) => Promise<Reached>;
}

interface Reached {
  readonly url: string;
  stop(): Promise<void>;
}

/** Answer of a call. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the service answered, to be compared
  readonly body: any;
}

/** One more API process beside those of a {@link TestService}. */
export interface AnotherApi {
  readonly url: string;
  readonly process: ServiceProcess;
}

/**
 * The whole service: API and worker from `dist`, on a database of its own, with Redis or without. When a
 * process ends before it is stopped, the next call or wait fails, and says with which last lines of its log.
 */
export class TestService {
  #reached: Reached | null = null;
  #token: string | null = null;

  private constructor(
    readonly database: TestDatabase,
    readonly redis: TestRedis | null,
    private readonly processes: { readonly api: ServiceProcess; readonly worker: ServiceProcess | null },
    readonly url: string,
  ) {}

  get api(): ServiceProcess {
    return this.processes.api;
  }

  get worker(): ServiceProcess {
    if (this.processes.worker === null) throw new Error('This service has no worker.');
    return this.processes.worker;
  }

  static async start(options: StartOptions): Promise<TestService> {
    const stops: (() => Promise<unknown>)[] = [];
    try {
      return await TestService.#startUp(options, stops);
    } catch (error) {
      for (const stop of stops.reverse()) await stop().catch(() => undefined);
      throw error;
    }
  }

  /** @param stops filled with what ends each thing that was started */
  static async #startUp(options: StartOptions, stops: (() => Promise<unknown>)[]): Promise<TestService> {
    const database = await createTestDatabase();
    stops.push(() => database.drop());
    const reached = (await options.reach?.(database.url)) ?? null;
    stops.push(async () => reached?.stop());
    const redis = options.redis ? await TestRedis.start() : null;
    stops.push(async () => redis?.stop());
    const env = {
      DATABASE_URL: reached?.url ?? database.url,
      REDIS_URL: redis?.url ?? '',
      PORT: String(await findFreePort()),
      RECONCILE_SECONDS: '1',
      // Toy data gains nothing by threads, which take a second to start.
      TRAINING_THREADS: '1',
      ...(options.needsKeys && { REQUIRE_KEYS: '1' }),
      ...options.env,
    };
    const start = (app: string) => {
      const child = new ServiceProcess(`programs/${app}.js`, env, options.node);
      stops.push(() => child.kill());
      return child;
    };
    const processes = { api: start('api'), worker: options.worker === false ? null : start('worker') };
    const url = `http://127.0.0.1:${env.PORT}`;
    const service = new TestService(database, redis, processes, url);
    service.#reached = reached;
    await service.#untilReady();
    if (options.needsKeys) await service.#makeKey();
    return service;
  }

  #children(): ServiceProcess[] {
    return Object.values(this.processes).filter((child) => child !== null);
  }

  /** @throws when one of them ends, or has not started in time */
  async #untilReady(): Promise<void> {
    const { api, worker } = this.processes;
    await Promise.all([api.waitForEvent('api.started'), worker?.waitForEvent('worker.started')]);
    for (const child of this.#children()) child.keepRunning();
    await waitFor('the API to be ready', async () => (await this.get('/health/ready')).status === 200);
  }

  /** Of the key, where one is needed. */
  get keyHeader(): Readonly<Record<string, string>> {
    return this.#token === null ? {} : { authorization: `Bearer ${this.#token}` };
  }

  async #makeKey(): Promise<void> {
    // Loaded here alone: it takes a second, and most suites ask a service that needs no key.
    const { ApiKeysRepository, Database } = await import('#data');
    const database = Database.connect(this.database.url);
    const input = { name: 'test', scopes: ['admin'] as const, catalogs: null, expiresAt: null };
    const { token } = await new ApiKeysRepository(database).make(input);
    await database.close();
    this.#token = token;
    await waitFor('the key', async () => (await this.get('/v1/catalogs')).status === 200);
  }

  /** Another API on the same database and Redis. Whoever starts it kills it before the service is stopped. */
  async startAnotherApi(env: TestEnvironment = {}): Promise<AnotherApi> {
    const PORT = String(await findFreePort());
    const DATABASE_URL = this.#reached?.url ?? this.database.url;
    const shared = { DATABASE_URL, REDIS_URL: this.redis?.url ?? '' };
    const child = new ServiceProcess('programs/api.js', { ...shared, PORT, ...env });
    await child.waitForEvent('api.started').catch(async (error: unknown) => {
      await child.kill();
      throw error;
    });
    child.keepRunning();
    return { url: `http://127.0.0.1:${PORT}`, process: child };
  }

  get(path: string): Promise<Reply> {
    return this.send('GET', path);
  }

  /**
   * Sends JSON, or text with a content type of its own. Paths not from the root are
   * within the default catalog.
   */
  async send(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<Reply> {
    const address = path.startsWith('/') ? path : `/v1/catalogs/default/${path}`;
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    await assertAllRun();
    const response = await fetch(this.url + address, {
      method,
      headers: { ...this.keyHeader, ...(body !== undefined && { 'content-type': contentType }) },
      ...(body !== undefined && { body: payload }),
    }).catch((error: unknown) => this.#explainFailure(error));
    const text = await response.text();
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** A call may fail a little before the end of the process that should have answered is known. */
  async #explainFailure(error: unknown): Promise<never> {
    const limit = delay(EXIT_NOTICE_MS, undefined, { ref: false });
    await Promise.race([limit, ...this.#children().map((child) => child.exited())]);
    await assertAllRun();
    throw error;
  }

  /** Trains and waits until the model is served. @returns the finished run */
  async train(
    request: unknown = { model: 'ease', parameters: { regularization: 5 } },
    catalog = '/v1/catalogs/default',
  ): Promise<Reply['body']> {
    const { headers } = await this.send('POST', `${catalog}/training-runs`, request);
    const run = await waitFor('the run', async () => {
      const { body } = await this.get(headers.get('location')!);
      return body.finishedAt !== null && body;
    });
    if (run.status === 'succeeded')
      await waitFor('the model', async () => {
        const { body } = await this.get(`${catalog}/popular?k=1`);
        return body.modelId === run.modelId;
      });
    return run;
  }

  /** @throws when a process has ended by itself */
  async stop(): Promise<void> {
    const checked = assertAllRun();
    await checked.catch(() => undefined);
    await Promise.all(this.#children().map((child) => child.kill()));
    await this.redis?.stop();
    await this.#reached?.stop();
    await this.database.drop();
    await checked;
  }
}

/** Two tastes: even users have even items, odd users odd ones. */
export function twoTastes(users = 40) {
  return Array.from({ length: users }, (_, user) =>
    Array.from({ length: 8 }, (_, n) => ({
      userId: `user-${user}`,
      itemId: `item-${2 * ((n + user) % 12) + (user % 2)}`,
      occurredAt: '2026-01-01T00:00:00Z',
    })),
  ).flat();
}
