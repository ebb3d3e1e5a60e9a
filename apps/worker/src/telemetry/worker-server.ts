import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { bearerOf, KeyRing, passwordOf, refuseOtherSites } from '#access';
import { ENVIRONMENT, explainListenError, type Environment } from '#config';
import { DomainError, mayCall } from '#domain';
import { GlobalNumbers, METRICS_TYPE } from '#telemetry';
import { WorkerMetrics } from './worker-metrics.js';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Scrapers and probes send nothing else; a caller that is slower is cut off. */
const REQUEST_LIMIT_MS = 10_000;
const MAX_CONNECTIONS = 100;

/** Health and metrics of this worker, on a port of its own. */
@Injectable()
export class WorkerServer implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  readonly #logger = new Logger(WorkerServer.name);
  readonly #server = createServer({ requestTimeout: REQUEST_LIMIT_MS }, (request, response) => {
    void this.#serve(request, response);
  });
  #isDraining = false;

  constructor(
    private readonly metrics: WorkerMetrics,
    private readonly numbers: GlobalNumbers,
    private readonly ring: KeyRing,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Before any job is taken: a worker whose port is in use ends at once. */
  async onModuleInit(): Promise<void> {
    const { HOST: host, WORKER_PORT: port } = this.environment;
    this.#server.maxConnections = MAX_CONNECTIONS;
    const listening = once(this.#server, 'listening');
    this.#server.listen(port, host);
    await listening.catch((error: unknown) => {
      throw explainListenError(error, { host, port, variable: 'WORKER_PORT' });
    });
  }

  onModuleDestroy(): void {
    this.#isDraining = true;
  }

  onApplicationShutdown(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, type, body } = await this.#answer(request).catch((error: unknown) => {
      this.#logger.error({ event: 'worker.request-failed', error });
      return sayStatus(500, 'internal-error');
    });
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return sayStatus(405, 'method-not-allowed');
    const path = request.url?.split('?')[0];
    if (path === '/health/live') return sayStatus(200, 'ok');
    if (path === '/health/ready') return this.#ready();
    if (path !== '/metrics') return sayStatus(404, 'not-found');
    return this.#refusal(request) ?? { status: 200, type: METRICS_TYPE, body: await this.metrics.text() };
  }

  async #ready(): Promise<Answer> {
    if (this.#isDraining) return sayStatus(503, 'draining');
    const { queues, runs } = await this.numbers.read();
    if (runs === null) return sayStatus(503, 'database-unavailable');
    return queues === null ? sayStatus(503, 'queue-unavailable') : sayStatus(200, 'ok');
  }

  /** By the rules of the API. @returns null for who may read metrics */
  #refusal({ headers }: IncomingMessage): Answer | null {
    try {
      if (this.ring.isOpen) {
        refuseOtherSites(headers, this.environment.HOST);
        return null;
      }
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return sayStatus(error.code === 'host-not-allowed' ? 403 : 503, error.code);
    }
    const token = bearerOf(headers.authorization) ?? passwordOf(headers.authorization);
    const key = this.ring.findValid(token);
    if (!key) return sayStatus(401, 'key-needed');
    if (!mayCall(key, 'metrics', null)) return sayStatus(403, 'not-allowed');
    this.ring.noteUse(key);
    return null;
  }
}

function sayStatus(status: number, code: string): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify({ status: code })}\n` };
}
