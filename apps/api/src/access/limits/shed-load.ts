import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Environment } from '#config';
import { DomainError } from '#domain';
import { isOfOperators } from '../route-access.js';
import { LoopLateness, TICK_MS } from './loop-lateness.js';

/** A process that has just started loads and compiles what it runs for the first time. That is no load. */
const START_MS = 5_000;

/**
 * Refuses calls while the event loop is late: answers would come too late for anybody. Operators, who want to
 * know why, are answered. Not by `@fastify/under-pressure`, which refuses after each pause.
 */
export function shedLoad(app: NestFastifyApplication, { MAX_DELAY_MS }: Environment): void {
  if (MAX_DELAY_MS === 0) return;
  const fastify = app.getHttpAdapter().getInstance();
  const logger = new Logger('shed-load');
  let isLate = false;
  let ticks: NodeJS.Timeout | undefined;
  const begin = () => {
    const lateness = new LoopLateness(MAX_DELAY_MS, performance.now());
    const tick = () => {
      lateness.tick(performance.now());
      if (isLate === lateness.isLate) return;
      isLate = lateness.isLate;
      logger.warn({ event: isLate ? 'api.late' : 'api.in-time', delayMs: lateness.delayMs });
    };
    ticks = setInterval(tick, TICK_MS).unref();
  };
  let start: NodeJS.Timeout | undefined;
  fastify.addHook('onListen', (done) => {
    start = setTimeout(begin, START_MS).unref();
    done();
  });
  fastify.addHook('onClose', (_fastify, done) => {
    clearTimeout(start);
    clearInterval(ticks);
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
