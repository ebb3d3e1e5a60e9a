import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyContextConfig, FastifyRequest } from 'fastify';
import { PROBLEMS } from '../common/problem/problem-catalog.js';

/** Routes with a status each that are counted apart. The 2,000 series of docs/operations.md rest on it. */
export const MOST_PAIRS = 1_000;

/** An alert sees a first failure only where it is a step from 0. */
const FAILURES = [...new Set(Object.values(PROBLEMS).map(({ status }) => status))].filter(
  (status) => status >= 500,
);

/** Requests of one route. */
export interface RouteCounts {
  readonly method: string;
  readonly route: string;
  /** 0: the caller went before there was an answer. */
  readonly byStatus: Map<number, number>;
}

/** What Fastify adds to what a route says of itself. */
type RouteConfig = FastifyContextConfig & {
  readonly url?: string;
  readonly method?: string | readonly string[];
};

/**
 * Requests by route and status. An address that the service does not have is `unknown`, with any method.
 * What is beyond the most that are counted apart is `others`.
 */
@Injectable()
export class RequestCounts {
  readonly #unknown: RouteCounts = { method: 'other', route: 'unknown', byStatus: new Map() };
  readonly #others: RouteCounts = { method: 'other', route: 'others', byStatus: new Map() };
  readonly #byName = new Map<string, RouteCounts>();
  #numPairs = 0;
  /** Fastify has one object of each route. */
  readonly #byConfig = new WeakMap<FastifyContextConfig, RouteCounts>();

  /** To be called before hooks that may refuse a request, and before the routes are made. */
  watch(app: NestFastifyApplication): void {
    const fastify = app.getHttpAdapter().getInstance();
    this.#countFailures(this.#unknown);
    fastify.addHook('onRoute', ({ url, method }) => void this.#find({ url, method }));
    fastify.addHook('onRequest', ({ routeOptions }: FastifyRequest, { raw }, done) => {
      const { byStatus } = this.#countsOf(routeOptions.config);
      // It closes once; `once` would take three times as long.
      raw.on('close', () => this.#count(byStatus, raw));
      done();
    });
  }

  get all(): readonly RouteCounts[] {
    return [...this.#byName.values(), this.#unknown, this.#others];
  }

  #countsOf(config: FastifyContextConfig): RouteCounts {
    const known = this.#byConfig.get(config);
    if (known) return known;
    const counts = this.#find(config);
    this.#byConfig.set(config, counts);
    return counts;
  }

  /** Several methods have the routes that answer what an address does not have. HEAD is as GET. */
  #find({ url, method }: RouteConfig): RouteCounts {
    if (url === undefined || typeof method !== 'string') return this.#unknown;
    const named = method === 'HEAD' ? 'GET' : method;
    const name = `${named} ${url}`;
    const known = this.#byName.get(name);
    if (known) return known;
    const counts: RouteCounts = { method: named, route: url, byStatus: new Map() };
    this.#byName.set(name, counts);
    this.#countFailures(counts);
    return counts;
  }

  #countFailures({ byStatus }: RouteCounts): void {
    for (const status of FAILURES) this.#begin(byStatus, status, 0);
  }

  #count(byStatus: Map<number, number>, { headersSent, statusCode }: ServerResponse): void {
    const status = headersSent ? statusCode : 0;
    const before = byStatus.get(status);
    if (before === undefined) this.#begin(byStatus, status, 1);
    else byStatus.set(status, before + 1);
  }

  #begin(byStatus: Map<number, number>, status: number, value: number): void {
    const counted = this.#numPairs++ < MOST_PAIRS ? byStatus : this.#others.byStatus;
    counted.set(status, (counted.get(status) ?? 0) + value);
  }
}
