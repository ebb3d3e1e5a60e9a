import { Readable } from 'node:stream';
import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { of, type Observable } from 'rxjs';
import { ENVIRONMENT, type Environment } from '#config';
import { IdempotencyKeysRepository } from '#data';
import { DomainError, type KeptAnswer } from '#domain';
import { validationProblem } from '../common/problem/validation-problem.js';
import { sendLocation } from '../common/public-address.js';
import { readLimited } from '../common/read-limited.js';
import { catalogName } from '../common/schemas.js';
import { fingerprintOf } from './body-hash.js';
import { IDEMPOTENCY_HEADER_NAME, readIdempotencyKey, REPLAYED_HEADER } from './idempotency-header.js';
import { IdempotentCall } from './idempotent-call.js';

/**
 * Answers a call with a stored answer by that, and hands the method the key of
 * one that is not.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly keys: IdempotencyKeysRepository,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const [request, reply] = [http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>()];
    const key = readIdempotencyKey(request);
    if (key === null) return next.handle();
    const catalog = readCatalog(request);
    const stored = await this.keys.find(catalog, key);
    if (!stored) {
      new IdempotentCall(catalog, key, request, reply.statusCode);
      return next.handle();
    }
    await this.#readBody(request);
    if (!fingerprintOf(request).equals(stored.fingerprint)) throw keyReused();
    return of(replay(stored.answer, reply));
  }

  /** Bodies that are not streamed were read before. */
  async #readBody({ body }: FastifyRequest): Promise<void> {
    if (!(body instanceof Readable)) return;
    await readLimited(body, this.environment.IMPORT_LIMIT_MB, async (limited) => {
      for await (const _chunk of limited);
    });
  }
}

/** Pipes check it only after this. @throws DomainError `validation-failed` */
function readCatalog({ params }: FastifyRequest): string {
  const { catalog } = params as { readonly catalog: string };
  const { error } = catalogName.safeParse(catalog);
  if (!error) return catalog;
  throw validationProblem(error.issues.map(({ message }) => ({ message, path: ['catalog'] })));
}

function replay({ status, location, body }: KeptAnswer, reply: FastifyReply): unknown {
  void reply.status(status).header(REPLAYED_HEADER, 'true');
  if (location !== null) sendLocation(reply, location);
  return JSON.parse(body);
}

function keyReused(): DomainError {
  const detail = 'was sent with another call or another body within 24 hours';
  return new DomainError('idempotency-key-reused', `The header ${IDEMPOTENCY_HEADER_NAME} ${detail}`, {
    errors: [{ pointer: `#/${IDEMPOTENCY_HEADER_NAME}`, detail }],
  });
}
