import { setTimeout as delay } from 'node:timers/promises';
import { OnWorkerEvent, WorkerHost } from '@nestjs/bullmq';
import { Logger } from '@nestjs/common';
import { DelayedError, UnrecoverableError, WaitingError, type Job } from 'bullmq';
import { isTransient, type RunOrigin } from '#domain';
import { QueueConnection, withTimeLimit } from '#queue';
import { span } from '#tracing';
import { withRunNames } from '../common/run-names.js';
import { NotForThisWorkerError } from './not-for-this-worker.error.js';
import type { TimedWorker } from './timed-worker.js';

/** How long this worker holds work of others, so that it takes little of it, and then leaves it to them. */
const [HOLD_MS, LEAVE_MS] = [200, 1_000];

type Interruption = 'shutdown' | 'lock-lost';

interface Attempt {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** What the work of a queue is called. */
interface WorkName {
  /** First part of events in the log. */
  readonly event: string;
  readonly span: string;
  /** In sentences. */
  readonly work: string;
}

/**
 * Takes jobs of work that goes on where another attempt has ended, and translates outcomes into BullMQ's
 * terms.
 */
export abstract class InterruptibleProcessor<
  Data extends Partial<RunOrigin>,
> extends WorkerHost<TimedWorker> {
  readonly #logger: Logger;
  readonly #attempts = new Map<string, Attempt>();
  #isEnding = false;

  protected constructor(
    private readonly connection: QueueConnection,
    private readonly name: WorkName,
  ) {
    super();
    this.#logger = new Logger(new.target.name);
  }

  get isBusy(): boolean {
    return this.#attempts.size > 0;
  }

  async process(job: Job<Data>, token?: string): Promise<void> {
    const { traceParent } = job.data;
    const attributes = { ...this.attributesOf(job.data), 'sparserec.job.attempt': job.attemptsMade + 1 };
    const parent = traceParent ? { parent: { traceparent: traceParent } } : {};
    await withRunNames(job.data, () =>
      span(this.name.span, { kind: 'consumer', attributes, ...parent }, () => this.#attempt(job, token)),
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
    for (const [jobId, { controller }] of this.#attempts)
      if (jobIds.includes(jobId)) controller.abort('lock-lost' satisfies Interruption);
  }

  /** Names of the work in the log. */
  protected abstract namesOf(data: Data): Readonly<Record<string, string | number>>;
  /** Names of the work in a span. */
  protected abstract attributesOf(data: Data): Readonly<Record<string, string | number>>;
  /** Resolves when the work is done or nobody wants it any more. */
  protected abstract work(data: Data, interrupted: AbortSignal): Promise<void>;
  /** Ends the work for good. */
  protected abstract fail(data: Data, error: unknown): Promise<void>;

  async #attempt(job: Job<Data>, token: string | undefined): Promise<void> {
    const jobId = String(job.id);
    // Getting a job twice means that its first lock is gone.
    const older = this.#attempts.get(jobId);
    older?.controller.abort('lock-lost' satisfies Interruption);
    const controller = new AbortController();
    if (this.#isEnding) controller.abort('shutdown' satisfies Interruption);
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const attempt = { controller, ended };
    this.#attempts.set(jobId, attempt);
    try {
      await older?.ended;
      controller.signal.throwIfAborted();
      await this.work(job.data, controller.signal);
    } catch (error) {
      if (error instanceof NotForThisWorkerError) throw await this.#leave(job, token);
      if (!controller.signal.aborted) throw await this.#settle(job, error);
      throw await this.#interrupt(job, token, controller.signal.reason as Interruption);
    } finally {
      if (this.#attempts.get(jobId) === attempt) this.#attempts.delete(jobId);
      end();
    }
  }

  /** @returns what BullMQ shall see: an error it retries, or one that ends the job for good */
  async #settle(job: Job<Data>, error: unknown): Promise<unknown> {
    const { event, work } = this.name;
    const isLastAttempt = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    if (isTransient(error) && !isLastAttempt) {
      const { attemptsMade } = job;
      this.#logger.warn({
        event: `${event}.postponed`,
        ...this.namesOf(job.data),
        attemptsMade: attemptsMade + 1,
        error,
      });
      return error;
    }
    await this.fail(job.data, error);
    return new UnrecoverableError(`The ${work} failed for good; its row says why.`);
  }

  /** @returns what BullMQ shall see */
  async #leave(job: Job<Data>, token: string | undefined): Promise<Error> {
    await delay(HOLD_MS);
    await this.connection.attempt(() => job.moveToDelayed(Date.now() + LEAVE_MS, token));
    return new DelayedError();
  }

  /** A job whose lock is lost is not ours to move. @returns what BullMQ shall see */
  async #interrupt(job: Job<Data>, token: string | undefined, reason: Interruption): Promise<Error> {
    const { event } = this.name;
    const names = this.namesOf(job.data);
    this.#logger.warn({ event: `${event}.interrupted`, ...names, reason });
    if (reason === 'lock-lost') return new UnrecoverableError('The job was taken over.');
    await this.connection
      .attempt(() => job.moveToWait(token))
      .catch((error: unknown) => this.#logger.warn({ event: `${event}.not-handed-back`, ...names, error }));
    return new WaitingError();
  }
}
