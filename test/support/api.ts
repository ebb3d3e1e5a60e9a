import { createTestDatabase, type TestDatabase } from './postgres.js';
import { ServiceProcess, waitFor } from './processes.js';
import { findFreePort, TestRedis } from './redis.js';

/** Answer of a call. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the service answered, to be compared
  readonly body: any;
}

/** The whole service: API and worker from `dist`, on a database of its own, with Redis or without. */
export class TestService {
  private constructor(
    readonly database: TestDatabase,
    readonly redis: TestRedis | null,
    private readonly processes: readonly ServiceProcess[],
    readonly url: string,
  ) {}

  static async start(options: {
    readonly redis: boolean;
    readonly env?: Record<string, string>;
  }): Promise<TestService> {
    const stops: (() => Promise<unknown>)[] = [];
    try {
      return await TestService.startUp(options, stops);
    } catch (error) {
      for (const stop of stops.reverse()) await stop().catch(() => undefined);
      throw error;
    }
  }

  /** @param stops filled with what ends each thing that was started */
  private static async startUp(
    options: { readonly redis: boolean; readonly env?: Record<string, string> },
    stops: (() => Promise<unknown>)[],
  ): Promise<TestService> {
    const database = await createTestDatabase();
    stops.push(() => database.drop());
    const redis = options.redis ? await TestRedis.start() : null;
    stops.push(async () => redis?.stop());
    const env = {
      DATABASE_URL: database.url,
      REDIS_URL: redis?.url ?? '',
      PORT: String(await findFreePort()),
      LOG_LEVEL: 'warn',
      RECONCILE_SECONDS: '1',
      ...options.env,
    };
    const processes: ServiceProcess[] = [];
    for (const app of ['api', 'worker']) {
      const child = new ServiceProcess(`apps/${app}/src/main.js`, env);
      processes.push(child);
      stops.push(() => child.kill());
    }
    const service = new TestService(database, redis, processes, `http://127.0.0.1:${env.PORT}`);
    await service.untilReady();
    return service;
  }

  private async untilReady(): Promise<void> {
    await waitFor('the API', () => {
      const ended = this.processes.find((child) => child.hasExited);
      if (ended) throw new Error(ended.describe('ended before the API was ready'));
      return this.get('/health/ready').then(
        ({ status }) => status === 200,
        () => false,
      );
    });
  }

  get(path: string): Promise<Reply> {
    return this.send('GET', path);
  }

  /** Sends JSON, or text with a content type of its own. Paths not from the root are within the default catalog. */
  async send(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<Reply> {
    const address = path.startsWith('/') ? path : `/v1/catalogs/default/${path}`;
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(this.url + address, {
      method,
      ...(body !== undefined && { body: payload, headers: { 'content-type': contentType } }),
    });
    const text = await response.text();
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** Trains and waits until the model is served. @returns the finished run */
  async train(
    request: unknown = { model: 'ease', parameters: { regularization: 5 } },
  ): Promise<Reply['body']> {
    const { headers } = await this.send('POST', 'training-runs', request);
    const run = await waitFor('the run', async () => {
      const { body } = await this.get(headers.get('location')!);
      return body.finishedAt !== null && body;
    });
    if (run.status === 'succeeded')
      await waitFor('the model', async () => (await this.get('popular?k=1')).body.modelId === run.modelId);
    return run;
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((child) => child.kill('SIGTERM')));
    await this.redis?.stop();
    await this.database.drop();
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
