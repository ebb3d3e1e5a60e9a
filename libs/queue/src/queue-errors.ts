import { isTransient } from '#domain';
import type { LoggerService } from '@nestjs/common';
import type { EventEmitter } from 'node:events';

/** Gives a queue or worker the `error` listener it needs; lost connections are reported by QueueConnection. */
export function reportQueueErrors(emitter: EventEmitter, logger: Pick<LoggerService, 'warn'>): void {
  emitter.on('error', (error: Error) => {
    if (isTransient(error) || error.message.includes('Connection is closed')) return;
    logger.warn({ event: 'queue.error', reason: error.message });
  });
}
