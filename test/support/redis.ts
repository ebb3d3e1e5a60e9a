import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { waitFor } from './processes.js';

/** Path of a redis-server binary; empty where there is none. */
export const REDIS_SERVER = process.env['TEST_REDIS_SERVER'] ?? '';

/** `describe` where there is a Redis to run, else a skipped one whose title says why. */
export function describeWithRedis(title: string, body: () => void): void {
  if (REDIS_SERVER === '') describe.skip(`${title} (skipped: TEST_REDIS_SERVER is not set)`, body);
  else describe(title, body);
}

/** What queues and caches run on. */
export type Backend = 'Redis' | 'PostgreSQL';

/** `describe` on each of both, as far as it is here. */
export function describeOnBackends(
  title: string,
  body: (on: { readonly backend: Backend; readonly redis: boolean }) => void,
): void {
  describe(`${title}, on PostgreSQL alone`, () => body({ backend: 'PostgreSQL', redis: false }));
  describeWithRedis(`${title}, on Redis`, () => body({ backend: 'Redis', redis: true }));
}

/** A private redis-server on a port of its own, which stays the same over stop and start. */
export class TestRedis {
  #server: ChildProcess | null = null;
  /** A replica writes what it is sent to a file, which every server that starts there would load. */
  readonly #folder = mkdtempSync(join(tmpdir(), 'redis-'));

  private constructor(
    private readonly port: number,
    private readonly policy: string,
    private readonly flags: readonly string[],
    private readonly program: string,
  ) {}

  /**
   * @param flags of redis-server beside the usual ones
   * @param program another one that does the same
   */
  static async start(
    policy = 'noeviction',
    flags: readonly string[] = [],
    program = REDIS_SERVER,
  ): Promise<TestRedis> {
    const redis = new TestRedis(await findFreePort(), policy, flags, program);
    try {
      await redis.start();
    } catch (error) {
      await redis.stop();
      throw error;
    }
    return redis;
  }

  get url(): string {
    const password = this.flags[this.flags.indexOf('--requirepass') + 1];
    const credentials = this.flags.includes('--requirepass') ? `:${password}@` : '';
    return `redis://${credentials}127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const memory = ['--maxmemory', '256mb', '--maxmemory-policy', this.policy];
    const files = ['--save', '', '--appendonly', 'no', '--dir', this.#folder];
    const address = ['--port', String(this.port), '--bind', '127.0.0.1'];
    mkdirSync(this.#folder, { recursive: true });
    this.#server = spawn(this.program, [...address, ...files, ...memory, ...this.flags], { stdio: 'ignore' });
    await waitFor('Redis to answer', () => this.#isAnswering());
  }

  async stop(): Promise<void> {
    await this.#kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Ends it at once and starts it again, with what SAVE has last written to disk. */
  async crash(): Promise<void> {
    await this.#kill();
    await this.start();
  }

  async #kill(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  }

  async flush(): Promise<void> {
    await this.#withClient((client) => client.flushall());
  }

  /**
   * Whether nothing was sent for a second on any connection that is told of writes. Redis counts how often
   * its clock has come to another second since.
   */
  async areInvalidationsIdle(): Promise<boolean> {
    const clients = String(await this.#withClient((client) => client.client('LIST')));
    const tracking = clients.split('\n').filter((line) => / flags=\w*t/.test(line));
    return tracking.length > 0 && tracking.every((line) => !/ idle=[01] /.test(line));
  }

  async #isAnswering(): Promise<boolean> {
    try {
      await this.#withClient((client) => client.ping());
      return true;
    } catch {
      return false;
    }
  }

  async #withClient<T>(use: (client: Redis) => Promise<T>): Promise<T> {
    const client = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await use(client);
    } finally {
      client.disconnect();
    }
  }
}

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The listener has no port.');
  return address.port;
}
