import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { describeProblem, toDomainError } from './describe-problem.js';

/** The only writer of error answers. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const known = toDomainError(error);
    const problem = describeProblem(known);
    if (problem.status >= 500)
      this.#logger.error({ event: 'request.failed', instance: problem.instance, error });
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    if (known.retryAfterSeconds !== null) void reply.header('retry-after', String(known.retryAfterSeconds));
    void reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }
}
