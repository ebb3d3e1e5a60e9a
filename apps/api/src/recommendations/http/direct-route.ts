import type { RequestListener } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { isExternalId, isName } from '#domain';
import { LRUCache } from 'lru-cache';
import { userQuery, type RecommendationReply, type UserQuery } from './dto/recommendation.dto.js';
import { JSON_TYPE, ReadyAnswers } from '../answers/ready-answers.js';
import { UserAnswers } from '../answers/user-answers.js';

const ROUTE = '/v1/catalogs/:catalog/users/:id/recommendations';
/** Queries that were checked lately; most clients ask in the same few ways. */
const MAX_QUERIES = 1_000;
const MAX_QUERY_LENGTH = 512;

/**
 * Takes calls for users past the controller's pipes straight to the service: a query that was found good once is good again. The
 * controller, which is registered as ever, answers everything else, invalid queries above all.
 *
 * To be called before the routes are made.
 */
export function answerUsersDirectly(app: NestFastifyApplication): void {
  const answers = app.get(UserAnswers);
  const queries = new CheckedQueries();
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRoute', (route) => {
    if (route.method !== 'GET' || route.url !== ROUTE) return;
    const byController = route.handler;
    route.handler = function (request, reply) {
      const { catalog, id } = request.params as { readonly catalog: string; readonly id: string };
      const url = request.raw.url ?? '';
      const query = queries.find(url, request.query);
      if (!query || !isName(catalog) || !isExternalId(id)) return byController.call(this, request, reply);
      void reply.header('content-type', JSON_TYPE);
      const write = (made: RecommendationReply) => reply.serialize(made) as string;
      return answers.answer({ url, catalogId: catalog, userId: id, request: query, write });
    };
  });
}

/** Sends answers that are ready before Fastify takes the request, which costs more than the answer. Everything else it gets as ever. */
export function answerReadyOnes(app: NestFastifyApplication): void {
  const ready = app.get(ReadyAnswers);
  const { server } = app.getHttpAdapter().getInstance();
  const routes = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (!ready.answer(request, response)) for (const route of routes) route.call(server, request, response);
  });
}

/** Queries by their text. */
class CheckedQueries {
  readonly #known = new LRUCache<string, UserQuery>({ max: MAX_QUERIES });

  /** @returns null for a query that the schema refuses, and for long ones */
  find(url: string, query: unknown): UserQuery | null {
    const start = url.indexOf('?');
    const text = start < 0 ? '' : url.slice(start);
    if (text.length > MAX_QUERY_LENGTH) return null;
    const known = this.#known.get(text);
    if (known) return known;
    const { data } = userQuery.safeParse(query);
    if (!data) return null;
    this.#known.set(text, Object.freeze(data));
    return data;
  }
}
