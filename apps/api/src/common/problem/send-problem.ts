import { Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { withoutKeys } from '#domain';
import { namesOf } from '../../telemetry/request-ids.js';
import { describeProblem, toDomainError } from './describe-problem.js';

const logger = new Logger('problems');
/** The second is for pages, and makes a browser ask for the key as a password. */
const CHALLENGE = 'Bearer realm="sparserec", Basic realm="sparserec"';

/** Answers with the problem document of an error. */
export function sendProblem(reply: FastifyReply, error: unknown): void {
  const known = toDomainError(error);
  const problem = describeProblem(known);
  // A process that is too busy says so once, not for each call.
  if (problem.status >= 500 && known.code !== 'too-busy')
    logger.error({ event: 'request.failed', ...namesOf(reply.request), instance: problem.instance, error });
  if (reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  // What Fastify itself refuses comes here past all hooks.
  void reply.header('x-request-id', reply.request.id);
  if (known.retryAfterSeconds !== null) void reply.header('retry-after', String(known.retryAfterSeconds));
  if (known.allow.length > 0) void reply.header('allow', known.allow.join(', '));
  if (known.code === 'key-needed') void reply.header('www-authenticate', CHALLENGE);
  // The rest of a body that does not arrive would block the connection for the next request.
  if (known.code === 'request-timeout') void reply.header('connection', 'close');
  void reply
    .status(problem.status)
    .type('application/problem+json')
    .send(withoutKeys(JSON.stringify(problem)));
}
