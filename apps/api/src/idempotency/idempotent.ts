import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { IDEMPOTENCY_HOURS, IDEMPOTENCY_KEY } from '#domain';
import { documentHeaders } from '../common/document-headers.js';
import { ApiProblems } from '../common/problem/api-problems.js';
import { IDEMPOTENCY_HEADER_NAME } from './idempotency-header.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';

const DESCRIPTION = `Makes it safe to send this call again. For ${IDEMPOTENCY_HOURS} hours the same call with the same key and the same body, \
byte by byte, gets the stored answer and writes nothing. Another call or body with the key is refused by 422, and by 409 while the first \
is still running. A call that is refused or fails keeps no key. Best is a UUID for each thing to be done.`;

const REPLAYED = {
  'Idempotent-Replayed': {
    description: '`true`: this is the answer that was stored for the `Idempotency-Key`; nothing was written',
    schema: { type: 'string', enum: ['true'] },
  },
};

/**
 * A call that writes, and may do more when it is sent again: takes an `Idempotency-Key`. Stands above what
 * documents its answers.
 */
export function Idempotent(): MethodDecorator {
  return applyDecorators(
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({
      name: IDEMPOTENCY_HEADER_NAME,
      description: DESCRIPTION,
      required: false,
      schema: { type: 'string', minLength: 1, maxLength: 255, pattern: IDEMPOTENCY_KEY.source },
    }),
    ApiProblems('validation-failed', 'idempotency-key-reused', 'idempotency-key-in-use'),
    documentHeaders(REPLAYED),
  );
}
