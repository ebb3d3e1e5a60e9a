import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { AuditLogRepository } from '#data';
import { accessTo } from './route-access.js';

const READING = new Set(['GET', 'HEAD']);

/**
 * Writes each call that changes something by the scope `train` or `admin` into the audit log before it is
 * carried out, and its status when it is answered. A call that cannot be written is refused.
 */
export function auditChanges(app: NestFastifyApplication): void {
  const logger = new Logger('audit');
  const audit = app.get(AuditLogRepository);
  const entries = new WeakMap<FastifyRequest, string>();
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('preHandler', async (request) => {
    if (isAudited(request)) entries.set(request, await audit.begin(describe(request)));
  });
  fastify.addHook('onSend', async (request, reply) => {
    const id = entries.get(request);
    if (id === undefined) return;
    await audit
      .end(id, reply.statusCode)
      .catch((error: unknown) =>
        logger.warn({ event: 'audit.status-not-written', id, error: String(error) }),
      );
  });
}

function isAudited(request: FastifyRequest): boolean {
  const access = accessTo(request);
  return (access === 'train' || access === 'admin') && !READING.has(request.method);
}

function describe({ apiKey, method, routeOptions, url }: FastifyRequest) {
  return {
    keyId: apiKey?.id ?? null,
    keyName: apiKey?.name ?? null,
    method,
    route: routeOptions.url ?? '',
    address: url,
  };
}
