import { Readable } from 'node:stream';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import { ListJobsRepository, ModelsRepository } from '#data';
import { DomainError, type ListJob, type RunOrigin } from '#domain';
import { ListQueue } from '#queue';
import { filterToJson } from '#ranking';
import { traceIdOf, type LogNames } from '#tracing';
import type { CursorPage } from '../common/page-reply.js';
import { readPage } from '../common/read-page.js';
import type { PageQuery } from '../common/schemas.js';
import { ExportStreams } from '../exports/export-streams.js';
import type { IdempotentCall } from '../idempotency/idempotent-call.js';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import {
  addressOfListJob,
  toListJobReply,
  type ListFileFormat,
  type ListJobReply,
  type StartListJobRequest,
} from './dto/list-jobs.dto.js';
import { ListFiles } from './list-files.js';

interface FileOptions {
  readonly format: ListFileFormat;
  /** Whether only the head of the answer is asked for. */
  readonly isHead: boolean;
  /** Of the lines of the log. */
  readonly names: LogNames;
}

/** Starts, follows and ends jobs that make the lists of all users. */
@Injectable()
export class ListJobsService {
  readonly #logger = new Logger(ListJobsService.name);

  constructor(
    private readonly jobs: ListJobsRepository,
    private readonly models: ModelsRepository,
    private readonly queue: ListQueue,
    private readonly catalogs: ServingCatalogs,
    private readonly files: ListFiles,
    private readonly streams: ExportStreams,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  /**
   * Once the row is written the job is not lost: a worker's reconciler enqueues what could not be enqueued
   * here.
   *
   * @throws DomainError `catalog-not-found`, `model-not-found`, `too-many-list-jobs`
   */
  async start(
    catalogId: string,
    { k, filter, model, requestId, traceParent }: StartListJobRequest & RunOrigin,
    call?: IdempotentCall,
  ): Promise<ListJob> {
    await this.catalogs.get(catalogId);
    const modelId = await this.#modelOf(catalogId, model);
    const input = { catalogId, modelId, k, filter: filter ? filterToJson(filter) : null };
    const job = await this.jobs.create(
      { ...input, requestId, traceParent },
      call?.keeping((made) => this.toReply(made), addressOfListJob),
    );
    await this.queue.enqueue(job).catch((error: unknown) => {
      if (!(error instanceof DomainError)) throw error;
      const names = { requestId: job.requestId, traceId: traceIdOf(job.traceParent) };
      this.#logger.warn({
        event: 'list-job.not-enqueued',
        ...names,
        listJobId: job.id,
        reason: error.message,
      });
    });
    return job;
  }

  async load(catalogId: string, jobId: string): Promise<ListJob> {
    await this.catalogs.get(catalogId);
    return this.jobs.load(catalogId, jobId);
  }

  async findPage(catalogId: string, query: PageQuery): Promise<CursorPage<ListJob>> {
    await this.catalogs.get(catalogId);
    return readPage(['list-jobs', catalogId], query, (after, limit) =>
      this.jobs.findPage(catalogId, after, limit),
    );
  }

  /** A worker that is making its lists stops by itself. @throws DomainError `list-job-not-found` */
  async delete(catalogId: string, jobId: string): Promise<void> {
    await this.catalogs.get(catalogId);
    await this.jobs.delete(catalogId, jobId);
    // A job of the queue whose row is gone does nothing.
    await this.queue.remove(jobId).catch(() => undefined);
  }

  /** @throws DomainError `list-job-not-found`, `list-job-unfinished`, `too-busy` */
  async open(catalogId: string, jobId: string, { format, isHead, names }: FileOptions): Promise<Readable> {
    const job = await this.load(catalogId, jobId);
    if (job.status !== 'succeeded') throw withoutLists(job);
    if (isHead) return Readable.from([]);
    return this.streams.open({ ...names, catalogId, table: 'lists', format }, (output) =>
      this.files.write(job, format, output),
    );
  }

  toReply(job: ListJob): ListJobReply {
    return toListJobReply(job, this.environment.LIST_JOB_HOURS);
  }

  async #modelOf(catalogId: string, model: string | undefined): Promise<string> {
    if (model !== undefined) return (await this.models.load(catalogId, model)).id;
    const active = await this.models.findActive(catalogId);
    if (active) return active.id;
    throw new DomainError('model-not-found', 'The catalog has no active model yet: train one first');
  }
}

function withoutLists({ id, status }: ListJob): DomainError {
  const reason = status === 'failed' ? 'has failed' : 'is not finished';
  return new DomainError('list-job-unfinished', `The list job ${id} ${reason}, and has no lists to read`);
}
