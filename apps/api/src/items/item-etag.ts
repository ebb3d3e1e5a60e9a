import {
  applyDecorators,
  createParamDecorator,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { tap, type Observable } from 'rxjs';
import { documentHeaders } from '../common/document-headers.js';
import { ApiProblems } from '../common/problem/api-problems.js';
import { idempotentCallOf, type IdempotentCall } from '../idempotency/idempotent-call.js';
import type { ItemReply } from './dto/items.dto.js';

const ETAG = {
  ETag: { description: 'of this state of the item, for `If-Match`', schema: { type: 'string' } },
};

/** Sends the ETag that an item has as a header too, also with a stored answer. */
@Injectable()
class EtagInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<ItemReply>): Observable<ItemReply> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(tap(({ etag }) => void reply.header('etag', etag)));
  }
}

/** Answers an item with its ETag. Stands below `@Idempotent()`, and above what documents the answers. */
export function Etagged(): MethodDecorator {
  return applyDecorators(UseInterceptors(EtagInterceptor), documentHeaders(ETAG));
}

/** A call that takes `If-Match`. */
export function Conditional(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'If-Match',
      description: '`ETag` of the state that the item must still have, or `*` for any; else a 412',
      required: false,
      schema: { type: 'string' },
    }),
    ApiProblems('precondition-failed'),
  );
}

/** What the headers of a call say of when it may be carried out. */
export interface Conditions {
  readonly ifMatch: string | undefined;
  readonly call: IdempotentCall | undefined;
}

/** `If-Match` and `Idempotency-Key`. */
export const Headers = createParamDecorator((_data: unknown, context: ExecutionContext): Conditions => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return { ifMatch: request.headers['if-match'], call: idempotentCallOf(request) };
});
