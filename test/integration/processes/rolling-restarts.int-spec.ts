import { Agent } from 'node:http';
import { twoTastes } from '../../support/api.js';
import { call, type Call } from '../../support/http.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { ServiceProcess, waitFor, type TestEnvironment } from '../../support/processes.js';
import { describeWithRedis, findFreePort, TestRedis } from '../../support/redis.js';

const CATALOG = '/v1/catalogs/default';
/** For some seconds of every kind of call before and after each restart, on a loaded machine. */
const LIMIT_MS = 300_000;
const ROWS_A_POST = 10_000;
const ROWS_AN_IMPORT = 2_000;
/** As long as a balancer takes an instance for ready without asking it again. */
const TRUST_MS = 100;

/** An API at an address of its own, and what a balancer knows of it. */
class Instance {
  readonly agent = new Agent({ keepAlive: true });
  #process: ServiceProcess | null = null;
  #isReady = false;
  #lookedAt = -Infinity;

  constructor(
    private readonly environment: TestEnvironment,
    private readonly port: number,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.#process = new ServiceProcess('programs/api.js', {
      ...this.environment,
      PORT: String(this.port),
    });
    await this.#process.waitForEvent('api.started');
  }

  /** @returns its exit code, and the events of its log */
  async stop(): Promise<{ code: number | null; events: readonly string[] }> {
    const code = await this.#process!.kill('SIGTERM');
    return { code, events: this.#process!.log.map(({ event }) => event) };
  }

  async isReady(): Promise<boolean> {
    if (performance.now() - this.#lookedAt < TRUST_MS) return this.#isReady;
    const lookedAt = performance.now();
    const answer = await call(`${this.url}/health/ready`).catch(() => null);
    this.#isReady = answer?.status === 200;
    this.#lookedAt = lookedAt;
    return this.#isReady && performance.now() - lookedAt < TRUST_MS;
  }
}

/** Sends calls to ready instances in turn, on connections that are kept, and never one twice. */
class Balancer {
  #next = 0;

  constructor(private readonly instances: readonly Instance[]) {}

  async send(path: string, options: Call = {}): Promise<string> {
    const { url, agent } = await this.#choose();
    const { status, text } = await call(`${url}${CATALOG}${path}`, { ...options, agent });
    if (status !== 200) throw new Error(`${status} ${text}`);
    return text;
  }

  #choose(): Promise<Instance> {
    return waitFor('an instance that is ready', async () => {
      const instance = this.instances[this.#next++ % this.instances.length]!;
      return (await instance.isReady()) ? instance : null;
    });
  }
}

/** Calls of all kinds, each kind one after another, until it is told to stop. */
class MixedLoad {
  readonly failures: string[] = [];
  readonly numAnswered = { lists: 0, batches: 0, posts: 0, imports: 0 };
  #isOn = true;
  readonly #callers: readonly Promise<void>[];

  constructor(private readonly balancer: Balancer) {
    this.#callers = [
      this.#repeat('lists', (n) => this.#list(n)),
      this.#repeat('lists', (n) => this.#list(n + 7)),
      this.#repeat('batches', () => this.#batch()),
      this.#repeat('posts', (n) => this.#post(n)),
      this.#repeat('imports', (n) => this.#import(n)),
    ];
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    await Promise.all(this.#callers);
  }

  async #repeat(kind: keyof MixedLoad['numAnswered'], send: (n: number) => Promise<void>): Promise<void> {
    for (let n = 0; this.#isOn; n++)
      await send(n).then(
        () => this.numAnswered[kind]++,
        (error: unknown) => this.failures.push(`${kind}: ${String(error)}`),
      );
  }

  async #list(n: number): Promise<void> {
    await this.balancer.send(
      `/users/user-${n % 40}/recommendations?k=10${n % 3 === 0 ? '&explain=true' : ''}`,
    );
  }

  async #batch(): Promise<void> {
    const requests = Array.from({ length: 200 }, (_, n) => ({ userId: `user-${n % 40}`, k: 10 }));
    const lines = await this.balancer.send('/recommendations/batch', json({ requests }));
    expect(lines.trim().split('\n')).toHaveLength(requests.length);
  }

  async #post(n: number): Promise<void> {
    const interactions = Array.from({ length: ROWS_A_POST }, (_, row) => ({
      userId: `poster-${n}-${row}`,
      itemId: `item-${row % 24}`,
      occurredAt: '2026-01-02T00:00:00Z',
    }));
    const text = await this.balancer.send('/interactions', json({ interactions }));
    expect(JSON.parse(text)).toMatchObject({ stored: ROWS_A_POST, duplicates: 0 });
  }

  async #import(n: number): Promise<void> {
    const rows = Array.from(
      { length: ROWS_AN_IMPORT },
      (_, row) => `importer-${n}-${row},item-${row % 24},2026-01-03T00:00:00Z\n`,
    );
    const body = `userId,itemId,occurredAt\n${rows.join('')}`;
    const text = await this.balancer.send('/interactions/import', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body,
    });
    expect(JSON.parse(text)).toMatchObject({ stored: ROWS_AN_IMPORT });
  }
}

function json(body: unknown): Call {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

describeWithRedis('two API processes that are restarted in turn under load', () => {
  let database: TestDatabase;
  let redis: TestRedis;
  let instances: readonly Instance[];
  let load: MixedLoad | undefined;

  beforeAll(async () => {
    database = await createTestDatabase();
    redis = await TestRedis.start();
    const stores = { DATABASE_URL: database.url, REDIS_URL: redis.url };
    instances = [new Instance(stores, await findFreePort()), new Instance(stores, await findFreePort())];
    for (const instance of instances) await instance.start();
  });
  afterAll(async () => {
    await load?.stop();
    for (const instance of instances) {
      instance.agent.destroy();
      await instance.stop();
    }
    await redis.stop();
    await database.drop();
  });

  it(
    'answer every call of a client that asks those that are ready, and store each acknowledged row once',
    async () => {
      const balancer = new Balancer(instances);
      await balancer.send('/interactions', json({ interactions: twoTastes() }));
      const calls = (load = new MixedLoad(balancer));
      const untilMoreAnswered = async () => {
        const before = { ...calls.numAnswered };
        await waitFor(
          'answers of each kind',
          () =>
            (Object.keys(before) as (keyof typeof before)[]).every(
              (kind) => calls.numAnswered[kind] > before[kind],
            ),
          LIMIT_MS,
        );
      };
      for (const instance of instances) {
        await untilMoreAnswered();
        const { code, events } = await instance.stop();
        expect({ code, events }).toEqual({ code: 0, events: expect.arrayContaining(['api.drained']) });
        await untilMoreAnswered();
        await instance.start();
      }
      await calls.stop();
      expect(calls.failures).toEqual([]);
      const { rows } = await database.query(
        `SELECT count(*)::int AS stored FROM interactions i JOIN users u USING (catalog_id, user_key) WHERE external_id ~ '^(poster|importer)-'`,
      );
      const { posts, imports } = calls.numAnswered;
      expect(rows).toEqual([{ stored: posts * ROWS_A_POST + imports * ROWS_AN_IMPORT }]);
      console.info(`answered while restarting: ${JSON.stringify(calls.numAnswered)}`);
    },
    LIMIT_MS,
  );
});
