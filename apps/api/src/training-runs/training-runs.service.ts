import { Injectable, Logger } from '@nestjs/common';
import { TrainingRunsRepository } from '#data';
import { DomainError, type RunOrigin, type TrainingRun } from '#domain';
import { parseParameters } from '#models';
import { TrainingQueue } from '#queue';
import { traceIdOf } from '#tracing';
import type { CursorPage } from '../common/page-reply.js';
import { readPage } from '../common/read-page.js';
import type { IdempotentCall } from '../idempotency/idempotent-call.js';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import { addressOfRun, toRunReply, type RunsQuery, type StartRunRequest } from './dto/training-runs.dto.js';

@Injectable()
export class TrainingRunsService {
  readonly #logger = new Logger(TrainingRunsService.name);

  constructor(
    private readonly runs: TrainingRunsRepository,
    private readonly queue: TrainingQueue,
    private readonly catalogs: ServingCatalogs,
  ) {}

  /**
   * Once the row is written the run is not lost: a worker's reconciler enqueues what could
   * not be enqueued here.
   */
  async start(
    catalogId: string,
    request: StartRunRequest & RunOrigin,
    call?: IdempotentCall,
  ): Promise<TrainingRun> {
    const parameters = parseParameters(request.model, request.parameters);
    const run = await this.runs.create(
      {
        catalogId,
        kind: request.model,
        parameters,
        activate: request.activate,
        withLeaderboard: request.leaderboard,
        requestId: request.requestId,
        traceParent: request.traceParent,
      },
      call?.keeping(toRunReply, addressOfRun),
    );
    await this.queue.enqueue(run).catch((error: unknown) => {
      if (!(error instanceof DomainError)) throw error;
      const { id: runId, requestId } = run;
      const names = { requestId, traceId: traceIdOf(run.traceParent) };
      this.#logger.warn({ event: 'training.not-enqueued', ...names, runId, reason: error.message });
    });
    return run;
  }

  async load(catalogId: string, runId: string): Promise<TrainingRun> {
    await this.catalogs.get(catalogId);
    return this.runs.load(catalogId, runId);
  }

  async findPage(catalogId: string, query: RunsQuery): Promise<CursorPage<TrainingRun>> {
    await this.catalogs.get(catalogId);
    const { schedule } = query;
    const list = ['training-runs', catalogId, ...(schedule === undefined ? [] : [schedule])] as const;
    return readPage(list, query, (after, limit) => this.runs.findPage(catalogId, after, limit, schedule));
  }

  async cancel(catalogId: string, runId: string): Promise<TrainingRun> {
    await this.catalogs.get(catalogId);
    return this.runs.requestCancel(catalogId, runId);
  }
}
