import { Injectable, Logger } from '@nestjs/common';
import { ListJobsRepository, UserBlockReader } from '#data';
import { DomainError, type ListJob } from '#domain';
import { withoutSpans } from '#tracing';
import { describeFailure } from '../common/describe-failure.js';
import { PeakMemory } from '../training/peak-memory.js';
import { ListCounts } from './list-counts.js';
import { ListMakerService } from './list-maker.service.js';
import { JobGoneError, ListRun } from './list-run.js';

/** A job that loses its worker this often is what kills it. */
const MAX_ATTEMPTS = 20;
/** How often an attempt looks whether it still has its job. */
const LOOK_MS = 500;

/**
 * Makes the lists of all users, block by block. A block is stored with the progress in one transaction, so an
 * attempt goes on behind the last block, whatever ended the one before.
 */
@Injectable()
export class ListJobsService {
  readonly #logger = new Logger(ListJobsService.name);

  constructor(
    private readonly jobs: ListJobsRepository,
    private readonly users: UserBlockReader,
    private readonly makers: ListMakerService,
    private readonly counts: ListCounts,
  ) {}

  /**
   * Resolves when the job is finished or gone; rejects when this attempt failed.
   *
   * @param interrupted ends the attempt without ending the job
   */
  async run(jobId: string, interrupted: AbortSignal): Promise<void> {
    const job = await this.jobs.claim(jobId);
    if (!job) {
      this.#logger.log({ event: 'list-job.skipped', listJobId: jobId });
      return;
    }
    const { catalogId, modelId, attempts, usersDone } = job;
    this.#logger.log({
      event: 'list-job.started',
      listJobId: jobId,
      catalogId,
      modelId,
      attempts,
      usersDone,
    });
    const gone = new AbortController();
    const watch = withoutSpans(() => setInterval(() => void this.#look(job, gone), LOOK_MS));
    const memory = new PeakMemory();
    try {
      await this.#complete(job, AbortSignal.any([interrupted, gone.signal]));
      const peakRssBytes = memory.stop();
      await this.jobs.succeed(job, peakRssBytes);
      this.counts.noteEnd('succeeded');
      this.#logger.log({ event: 'list-job.completed', listJobId: jobId, attempts, peakRssBytes });
    } catch (error) {
      this.#end(job, gone.signal.aborted ? gone.signal.reason : error, interrupted);
    } finally {
      clearInterval(watch);
      memory.stop();
    }
  }

  /** Ends a job for good. */
  async fail(jobId: string, error: unknown): Promise<void> {
    const failure = describeFailure(error, 'list job');
    if (failure.code === 'internal-error')
      this.#logger.error({ event: 'list-job.failed', listJobId: jobId, error });
    else this.#logger.warn({ event: 'list-job.failed', listJobId: jobId, ...failure });
    await this.jobs.fail(jobId, failure);
    this.counts.noteEnd('failed');
  }

  async #complete(job: ListJob, signal: AbortSignal): Promise<void> {
    if (job.attempts > MAX_ATTEMPTS)
      throw new DomainError('internal-error', `The list job lost its worker ${MAX_ATTEMPTS} times.`);
    const { jobs, users, counts } = this;
    const lists = await this.makers.open(job);
    try {
      await new ListRun(job, lists, { jobs, users, counts }, signal).complete();
    } finally {
      lists.close();
    }
  }

  /** That it cannot be known passes: nothing is stored for a job that is gone. */
  async #look(job: ListJob, gone: AbortController): Promise<void> {
    const isOurs = await this.jobs.isOurs(job).catch(() => true);
    if (!isOurs) gone.abort(new JobGoneError());
  }

  #end({ id: listJobId, attempts }: ListJob, error: unknown, interrupted: AbortSignal): void {
    if (!(error instanceof JobGoneError) && !isCatalogGone(error)) {
      if (interrupted.aborted) this.counts.noteEnd('interrupted');
      throw error;
    }
    this.counts.noteEnd('gone');
    this.#logger.log({ event: 'list-job.gone', listJobId, attempts });
  }
}

function isCatalogGone(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'catalog-not-found';
}
