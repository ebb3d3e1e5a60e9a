import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyContextConfig, FastifyRequest } from 'fastify';

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

/** Requests by route and status. An address that the service does not have is `unknown`, with any method. */
@Injectable()
export class RequestCounts {
  readonly #unknown: RouteCounts = { method: 'other', route: 'unknown', byStatus: new Map() };
  readonly #byName = new Map<string, RouteCounts>();
  /** Fastify has one object of each route. */
  readonly #byConfig = new WeakMap<FastifyContextConfig, RouteCounts>();

  /** To be called before hooks that may refuse a request. */
  watch(app: NestFastifyApplication): void {
    const fastify = app.getHttpAdapter().getInstance();
    fastify.addHook('onRequest', ({ routeOptions }: FastifyRequest, { raw }, done) => {
      const { byStatus } = this.#countsOf(routeOptions.config);
      // It closes once; `once` would take three times as long.
      raw.on('close', () => count(byStatus, raw));
      done();
    });
  }

  get all(): readonly RouteCounts[] {
    return [...this.#byName.values(), this.#unknown];
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
    const name = `${method === 'HEAD' ? 'GET' : method} ${url}`;
    const counts = this.#byName.get(name) ?? {
      method: method === 'HEAD' ? 'GET' : method,
      route: url,
      byStatus: new Map<number, number>(),
    };
    this.#byName.set(name, counts);
    return counts;
  }
}

function count(byStatus: Map<number, number>, { headersSent, statusCode }: ServerResponse): void {
  const status = headersSent ? statusCode : 0;
  byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
}
