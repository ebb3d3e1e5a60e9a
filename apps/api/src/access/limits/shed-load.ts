import underPressure from '@fastify/under-pressure';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { Environment } from '#config';
import { DomainError } from '#domain';
import { isOfOperators } from '../route-access.js';

/** Of the delay of the event loop: so often is its mean looked at. */
const SAMPLE_MS = 200;

/**
 * Refuses calls while the event loop is late: answers to all would come too late for anybody. Operators, who
 * want to know why, are answered.
 */
export function shedLoad(app: NestFastifyApplication, { MAX_DELAY_MS }: Environment): void {
  if (MAX_DELAY_MS === 0) return;
  // What starting did to the loop is no load.
  let beginMs = Infinity;
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onListen', (done) => {
      beginMs = performance.now() + 2 * SAMPLE_MS;
      done();
    });
  void app.register(underPressure, {
    maxEventLoopDelay: MAX_DELAY_MS,
    sampleInterval: SAMPLE_MS,
    pressureHandler: (request: FastifyRequest) =>
      isOfOperators(request) || performance.now() < beginMs ? undefined : refuse(),
  });
}

/** As a promise, whose failure is that of the call. */
function refuse(): Promise<never> {
  const detail = 'The process is late with its answers, so it refuses calls for a moment';
  return Promise.reject(new DomainError('too-busy', detail, { retryAfterSeconds: 1 }));
}
