import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { AuditLogRepository } from '#data';
import { namesOf } from '../telemetry/request-ids.js';

const READING = new Set(['GET', 'HEAD']);

/**
 * Writes each call that changes something by the scope `train` or `admin`, and each that is `@Audited()`,
 * into the audit log before it is carried out, and its status when it is answered. A call that cannot be
 * written is refused.
 */
export function auditCalls(app: NestFastifyApplication): void {
  const logger = new Logger('audit');
  const audit = app.get(AuditLogRepository);
  const entries = new WeakMap<FastifyRequest, string>();
  const begin = async (request: FastifyRequest) => {
    entries.set(request, await audit.begin(describe(request)));
  };
  const end = async (request: FastifyRequest, { statusCode }: FastifyReply) => {
    const id = entries.get(request);
    if (id === undefined) return;
    await audit
      .end(id, statusCode)
      .catch((error: unknown) =>
        logger.warn({ event: 'audit.status-not-written', ...namesOf(request), id, error: String(error) }),
      );
  };
  const fastify = app.getHttpAdapter().getInstance();
  // Hooks of the routes themselves: other calls, such as lists, pass none.
  fastify.addHook('onRoute', (route) => {
    if (!isAudited(route)) return;
    route.preHandler = [...[route.preHandler ?? []].flat(), begin];
    route.onSend = [...[route.onSend ?? []].flat(), end];
  });
}

function isAudited({ method, config }: RouteOptions): boolean {
  if (config?.isAudited === true) return method === 'GET';
  const access = config?.access ?? 'admin';
  return (access === 'train' || access === 'admin') && [method].flat().some((one) => !READING.has(one));
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
