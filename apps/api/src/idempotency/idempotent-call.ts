import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { IdempotentWrite } from '#data';
import { fingerprintOf } from './body-hash.js';

const calls = new WeakMap<FastifyRequest, IdempotentCall>();

/** A call with an `Idempotency-Key` that nothing is kept for yet. */
export class IdempotentCall {
  constructor(
    private readonly catalogId: string,
    private readonly key: string,
    private readonly request: FastifyRequest,
    private readonly status: number,
  ) {
    calls.set(request, this);
  }

  /** For the repository, which keeps the answer in the transaction that makes it true. */
  keeping<Result>(
    toBody: (result: Result) => unknown,
    toLocation: (result: Result) => string | null = () => null,
  ): IdempotentWrite<Result> {
    const { catalogId, key, status } = this;
    return {
      catalogId,
      key,
      fingerprint: () => fingerprintOf(this.request),
      answerOf: (result) => ({
        status,
        location: toLocation(result),
        body: JSON.stringify(toBody(result)),
      }),
    };
  }
}

/** The call with its key, for a method that is `@Idempotent()`; undefined without a key. */
export const Idempotency = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  idempotentCallOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

export function idempotentCallOf(request: FastifyRequest): IdempotentCall | undefined {
  return calls.get(request);
}
