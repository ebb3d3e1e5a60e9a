import { Agent } from 'node:http';
import { call, type Call } from './http.js';
import { ServiceProcess, waitFor, type TestEnvironment } from './processes.js';

const CATALOG = '/v1/catalogs/default';
/** As long as a balancer takes an instance for ready without asking it again. */
const TRUST_MS = 100;

/** An API at an address of its own, and what a balancer knows of it. */
export class Instance {
  readonly agent = new Agent({ keepAlive: true });
  #process: ServiceProcess | null = null;
  #isReady = false;
  #lookedAt = -Infinity;

  /** @param entry below `dist` */
  constructor(
    private readonly environment: TestEnvironment,
    private readonly port: number,
    private readonly entry = 'programs/api.js',
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.#process = new ServiceProcess(this.entry, { ...this.environment, PORT: String(this.port) });
    await this.#process.waitForEvent('api.started');
  }

  /** Of its log, so far. */
  get events(): readonly string[] {
    return this.#process!.log.map(({ event }) => event);
  }

  /** @returns its exit code, and the events of its log */
  async stop(): Promise<{ code: number | null; events: readonly string[] }> {
    const code = await this.#process!.kill('SIGTERM');
    return { code, events: this.events };
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
export class Balancer {
  #next = 0;

  constructor(private readonly instances: readonly Instance[]) {}

  async send(path: string, options: Call = {}): Promise<string> {
    const { url, agent } = await this.#choose();
    const { status, text } = await call(`${url}${CATALOG}${path}`, { ...options, agent });
    if (status !== 200 && status !== 201) throw new Error(`${status} ${text}`);
    return text;
  }

  #choose(): Promise<Instance> {
    return waitFor('an instance that is ready', async () => {
      const instance = this.instances[this.#next++ % this.instances.length]!;
      return (await instance.isReady()) ? instance : null;
    });
  }
}

/** Calls of several kinds, each kind one after another, until it is told to stop. */
export class SteadyLoad<Kind extends string> {
  readonly failures: string[] = [];
  readonly numAnswered: Record<Kind, number>;
  #isOn = true;
  readonly #callers: readonly Promise<void>[];

  /** @param kinds what sends the nth call of a kind */
  constructor(kinds: Readonly<Record<Kind, (n: number) => Promise<void>>>) {
    const entries = Object.entries(kinds) as [Kind, (n: number) => Promise<void>][];
    this.numAnswered = Object.fromEntries(entries.map(([kind]) => [kind, 0])) as Record<Kind, number>;
    this.#callers = entries.map(([kind, send]) => this.#repeat(kind, send));
  }

  /** Waits for another answer to a call of each kind. */
  async untilMoreAnswered(limitMs?: number): Promise<void> {
    const before = { ...this.numAnswered };
    const kinds = Object.keys(before) as Kind[];
    const isMore = () => kinds.every((kind) => this.numAnswered[kind] > before[kind]);
    await waitFor('answers of each kind', isMore, limitMs).catch((error: unknown) => {
      throw new Error(this.failures.slice(0, 3).join('\n'), { cause: error });
    });
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    await Promise.all(this.#callers);
  }

  async #repeat(kind: Kind, send: (n: number) => Promise<void>): Promise<void> {
    for (let n = 0; this.#isOn; n++)
      await send(n).then(
        () => this.numAnswered[kind]++,
        (error: unknown) => this.failures.push(`${kind}: ${String(error)}`),
      );
  }
}

export function json(body: unknown, method = 'POST'): Call {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
