import {
  StandardSchemaValidationPipe,
  type ArgumentMetadata,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { parse } from 'fast-querystring';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { DomainError } from '#domain';
import { givenTwice } from './given-twice.js';
import { validationProblem } from './problem/validation-problem.js';
import { readQuickly } from './query-schema.js';
import { hasRemedies, withRemediesSaid } from './unknown-parameters.js';

/** What every request is checked for, in this order. */

type Query = Record<string, unknown>;

const MAX_QUERIES = 1_000;
/** Longer ones are seldom the same. */
const MAX_LENGTH = 512;
/** Names that Nest takes out of a query before it is checked. */
const TAKEN_OUT = ['__proto__', 'prototype', 'constructor'];

const cached = new LRUCache<string, Query>({ max: MAX_QUERIES });

/** Refuses what Node and Fastify take as it comes, or refuse by an answer that is no problem document. */
export function refuseMalformedRequests(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const fault = faultOf(request);
    if (fault === null) done();
    else done(new DomainError('malformed-request', fault));
  });
  // Node answers an expectation that it does not know by a bare 417; a server may ignore
  // it (RFC 9110, 10.1.1).
  fastify.server.on('checkExpectation', (request, response) =>
    fastify.server.emit('request', request, response),
  );
}

function faultOf({ url, raw }: FastifyRequest): string | null {
  if (raw.headers.host === undefined && raw.httpVersion === '1.1') return 'The request has no Host';
  return isPercentEncoded(url) ? null : 'The query is not percent-encoded UTF-8';
}

/** A broken escape would be taken as it stands, and so equal the same text that was escaped. */
function isPercentEncoded(url: string): boolean {
  if (!url.includes('%')) return true;
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}

/**
 * Parses the query of an address. Clients ask in the same few ways, so equal texts have one object,
 * which nobody may change.
 */
export function parseQuery(text: string): Query {
  const found = cached.get(text);
  if (found) return found;
  const query: Query = text === '' ? {} : (parse(text) as Query);
  if (text.length > MAX_LENGTH || TAKEN_OUT.some((name) => Object.hasOwn(query, name))) return query;
  cached.set(text, Object.freeze(query));
  return query;
}

/** Refuses a query where a call takes none; where it takes one, its schema does. */
export class UnknownParametersGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const query = context.switchToHttp().getRequest<FastifyRequest>().query as object;
    const keys = Object.keys(query);
    if (keys.length === 0 || takesQuery(context)) return true;
    throw validationProblem([{ message: 'unknown field', keys }]);
  }
}

function takesQuery(context: ExecutionContext): boolean {
  const parameters = Reflect.getMetadata(
    ROUTE_ARGS_METADATA,
    context.getClass(),
    context.getHandler().name,
  ) as object | undefined;
  return Object.keys(parameters ?? {}).some((key) => key.startsWith(`${RouteParamtypes.QUERY}:`));
}

/** Checks what a controller takes; a parameter of the path is named as one of the query is. */
export class RequestPipe extends StandardSchemaValidationPipe {
  /** What queries were found to be, by schema and by query. */
  readonly #checked = new WeakMap<object, WeakMap<object, unknown>>();

  constructor() {
    super({ exceptionFactory: validationProblem });
  }

  override async transform<Value>(value: Value, metadata: ArgumentMetadata): Promise<Value> {
    const { type, data, schema } = metadata;
    if (type === 'query' && schema && isQuery(value)) return this.#checkQuery(value, metadata);
    if (type !== 'param' || data === undefined || !schema) return super.transform(value, metadata);
    const { issues } = await schema['~standard'].validate(value);
    if (!issues) return value;
    throw validationProblem(issues.map(({ message }) => ({ message, path: [data] })));
  }

  /** A query of `parseQuery` that was good once is good again. */
  async #checkQuery<Value extends object>(query: Value, metadata: ArgumentMetadata): Promise<Value> {
    if (!Object.isFrozen(query)) return this.#checkAnew(query, metadata);
    const schema = metadata.schema!;
    let checked = this.#checked.get(schema);
    if (!checked) this.#checked.set(schema, (checked = new WeakMap()));
    if (!checked.has(query))
      checked.set(
        query,
        Object.freeze(readQuickly(schema, query) ?? (await this.#checkAnew(query, metadata))),
      );
    return checked.get(query) as Value;
  }

  async #checkAnew<Value extends object>(query: Value, metadata: ArgumentMetadata): Promise<Value> {
    const schema = metadata.schema!;
    const twice = givenTwice(schema, query);
    if (twice.length === 0) {
      try {
        return await super.transform(query, metadata);
      } catch (error) {
        if (!hasRemedies(schema)) throw error;
      }
    }
    const rest = Object.entries(query).filter(([name]) => !twice.some(({ path }) => path[0] === name));
    const { issues = [] } = await schema['~standard'].validate(Object.fromEntries(rest));
    throw validationProblem([...twice, ...withRemediesSaid(schema, issues)]);
  }
}

function isQuery<Value>(value: Value): value is Value & object {
  return typeof value === 'object' && value !== null;
}
