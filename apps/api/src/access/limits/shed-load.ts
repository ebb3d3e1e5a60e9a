import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Environment } from '#config';
import { DomainError } from '#domain';
import { isOfOperators } from '../route-access.js';

const SAMPLE_MS = 200;
const RESOLUTION_MS = 10;
/** A process that has just started loads and compiles what it runs for the first time. That is no load. */
const START_MS = 5_000;

/**
 * Refuses calls while the event loop is late, on average in two samples in a row: answers would come too
 * late for anybody. Operators, who want to know why, are answered. Not by `@fastify/under-pressure`, which
 * refuses after one sample, so after each pause, and from the first one on.
 */
export function shedLoad(app: NestFastifyApplication, { MAX_DELAY_MS }: Environment): void {
  if (MAX_DELAY_MS === 0) return;
  const fastify = app.getHttpAdapter().getInstance();
  const logger = new Logger('shed-load');
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let [isLate, wasLate] = [false, false];
  const sample = () => {
    const delayMs = delays.count > 0 ? Math.round(delays.mean / 1e6 - RESOLUTION_MS) : 0;
    const isLateNow = delayMs > MAX_DELAY_MS;
    if (isLate !== (isLateNow && wasLate)) {
      isLate = !isLate;
      logger.warn({ event: isLate ? 'api.late' : 'api.in-time', delayMs });
    }
    wasLate = isLateNow;
    delays.reset();
  };
  let samples: NodeJS.Timeout | undefined;
  const begin = () => {
    delays.enable();
    samples = setInterval(sample, SAMPLE_MS).unref();
  };
  let start: NodeJS.Timeout | undefined;
  fastify.addHook('onListen', (done) => {
    start = setTimeout(begin, START_MS).unref();
    done();
  });
  fastify.addHook('onClose', (_fastify, done) => {
    clearTimeout(start);
    clearInterval(samples);
    delays.disable();
    done();
  });
  fastify.addHook('onRequest', (request, _reply, done) =>
    done(isLate && !isOfOperators(request) ? refusal() : undefined),
  );
}

function refusal(): DomainError {
  const detail = 'The process is late with its answers, so it refuses calls for a moment';
  return new DomainError('too-busy', detail, { retryAfterSeconds: 1 });
}
