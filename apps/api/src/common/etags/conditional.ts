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
import { idempotentCallOf, type IdempotentCall } from '../../idempotency/idempotent-call.js';
import { documentHeaders } from '../document-headers.js';
import { ApiProblems } from '../problem/api-problems.js';

const ETAG = { ETag: { description: 'of this state, for `If-Match`', schema: { type: 'string' } } };

/** An answer with the ETag of what it says. */
interface Tagged {
  readonly etag: string;
}

/** Sends the ETag of an answer as a header too, also with a stored answer. */
@Injectable()
class EtagInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<Tagged>): Observable<Tagged> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(tap(({ etag }) => void reply.header('etag', etag)));
  }
}

/** Answers something with its ETag. Stands below `@Idempotent()`, and above what documents the answers. */
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

/** A call that takes `If-None-Match: *`. */
export function Creating(): MethodDecorator {
  return ApiHeader({
    name: 'If-None-Match',
    description: '`*`: only if there is none yet, else a 412; nothing else is looked at',
    required: false,
    schema: { type: 'string' },
  });
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
