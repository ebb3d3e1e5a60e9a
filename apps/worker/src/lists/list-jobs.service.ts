import { Injectable, Logger } from '@nestjs/common';
import { ListJobsRepository, UserBlockReader, type UserBlock } from '#data';
import { DomainError, type ListJob } from '#domain';
import { withoutSpans } from '#tracing';
import { describeFailure } from '../common/describe-failure.js';
import { PeakMemory } from '../training/peak-memory.js';
import { BlockSize } from './block-size.js';
import type { JobLists } from './job-lists.js';
import { ListCounts } from './list-counts.js';
import { ListMakerService } from './list-maker.service.js';

/** A job that loses its worker this often is what kills it. */
const MAX_ATTEMPTS = 20;
/** How often an attempt looks whether it still has its job. */
const LOOK_MS = 500;

/** The job was deleted, or another attempt has it. */
class JobGoneError extends Error {
  constructor() {
    super('The list job was deleted or taken over.');
    this.name = 'JobGoneError';
  }
}

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
    const lists = await this.makers.open(job);
    try {
      await this.#makeAll(job, lists, signal);
    } finally {
      lists.close();
    }
  }

  /** The next block is read while the lists of one are made. */
  async #makeAll(job: ListJob, lists: JobLists, signal: AbortSignal): Promise<void> {
    const size = new BlockSize(job.k);
    const read = (fromUserKey: number) => {
      const block = this.users.load(job.catalogId, { fromUserKey, maxUsers: size.users, signal });
      // Awaited later, or not at all when the making fails.
      block.catch(() => undefined);
      return block;
    };
    let reading: Promise<UserBlock> | null = read(job.nextUserKey);
    while (reading) {
      const startedAt = performance.now();
      const { users, nextUserKey }: UserBlock = await reading;
      signal.throwIfAborted();
      reading = nextUserKey === null ? null : read(nextUserKey);
      const last = users.at(-1);
      if (!last) continue;
      const bytes = await lists.make(users, signal);
      const part = { bytes, users: users.length, nextUserKey: last.userKey + 1 };
      if (!(await this.jobs.addPart(job, part))) throw new JobGoneError();
      const ms = performance.now() - startedAt;
      size.note(users.length, ms);
      this.counts.noteLists(users.length, ms);
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
