import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { Logger } from '@nestjs/common';
import { UnrecoverableError, WaitingError, type Job } from 'bullmq';
import { isTransient } from '#domain';
import { LIST_QUEUE, listQueueJobId, QueueConnection, withTimeLimit, type ListQueueJob } from '#queue';
import { span } from '#tracing';
import { withRunNames } from '../common/run-names.js';
import type { TimedWorker } from '../processing/timed-worker.js';
import { WORKER_OPTIONS } from '../processing/worker-options.js';
import { ListJobsService } from './list-jobs.service.js';

type Interruption = 'shutdown' | 'lock-lost';

interface Attempt {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** Takes list jobs, one at a time, and translates outcomes into BullMQ's terms. */
@Processor(LIST_QUEUE, WORKER_OPTIONS)
export class ListJobsProcessor extends WorkerHost<TimedWorker> {
  readonly #logger = new Logger(ListJobsProcessor.name);
  readonly #attempts = new Map<string, Attempt>();
  #isEnding = false;

  constructor(
    private readonly lists: ListJobsService,
    private readonly connection: QueueConnection,
  ) {
    super();
  }

  get isBusy(): boolean {
    return this.#attempts.size > 0;
  }

  async process(job: Job<ListQueueJob>, token?: string): Promise<void> {
    const { listJobId, traceParent } = job.data;
    const attributes = { 'sparserec.list_job.id': listJobId, 'sparserec.job.attempt': job.attemptsMade + 1 };
    const parent = traceParent ? { parent: { traceparent: traceParent } } : {};
    await withRunNames(job.data, () =>
      span('list job', { kind: 'consumer', attributes, ...parent }, () => this.#attempt(job, token)),
    );
  }

  /** Ends the attempts of this process, and any that would begin later; their jobs go on elsewhere. */
  async interruptAll(boundMs: number): Promise<void> {
    this.#isEnding = true;
    const attempts = [...this.#attempts.values()];
    for (const { controller } of attempts) controller.abort('shutdown' satisfies Interruption);
    await withTimeLimit(Promise.all(attempts.map(({ ended }) => ended)), boundMs).catch(() => undefined);
  }

  /** Bound anew to every worker that the registrar makes. */
  @OnWorkerEvent('lockRenewalFailed')
  onLockRenewalFailed(jobIds: readonly string[]): void {
    for (const [listJobId, { controller }] of this.#attempts)
      if (jobIds.includes(listQueueJobId(listJobId))) controller.abort('lock-lost' satisfies Interruption);
  }

  async #attempt(job: Job<ListQueueJob>, token: string | undefined): Promise<void> {
    const { listJobId } = job.data;
    // Getting a job twice means that its first lock is gone.
    const older = this.#attempts.get(listJobId);
    older?.controller.abort('lock-lost' satisfies Interruption);
    const controller = new AbortController();
    if (this.#isEnding) controller.abort('shutdown' satisfies Interruption);
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const attempt = { controller, ended };
    this.#attempts.set(listJobId, attempt);
    try {
      await older?.ended;
      controller.signal.throwIfAborted();
      await this.lists.run(listJobId, controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) throw await this.#settle(job, error);
      throw await this.#interrupt(job, token, controller.signal.reason as Interruption);
    } finally {
      if (this.#attempts.get(listJobId) === attempt) this.#attempts.delete(listJobId);
      end();
    }
  }

  /** @returns what BullMQ shall see: an error it retries, or one that ends the job for good */
  async #settle(job: Job<ListQueueJob>, error: unknown): Promise<unknown> {
    const { listJobId } = job.data;
    const isLastAttempt = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    if (isTransient(error) && !isLastAttempt) {
      this.#logger.warn({
        event: 'list-job.postponed',
        listJobId,
        attemptsMade: job.attemptsMade + 1,
        error,
      });
      return error;
    }
    await this.lists.fail(listJobId, error);
    return new UnrecoverableError('The list job failed for good; its row says why.');
  }

  /** A job whose lock is lost is not ours to move. @returns what BullMQ shall see */
  async #interrupt(job: Job<ListQueueJob>, token: string | undefined, reason: Interruption): Promise<Error> {
    const { listJobId } = job.data;
    this.#logger.warn({ event: 'list-job.interrupted', listJobId, reason });
    if (reason === 'lock-lost') return new UnrecoverableError('The job was taken over.');
    await this.connection
      .attempt(() => job.moveToWait(token))
      .catch((error: unknown) => this.#logger.warn({ event: 'list-job.not-handed-back', listJobId, error }));
    return new WaitingError();
  }
}
