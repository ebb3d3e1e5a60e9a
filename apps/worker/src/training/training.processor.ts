import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { Logger } from '@nestjs/common';
import { UnrecoverableError, WaitingError, type Job } from 'bullmq';
import { isTransient } from '#domain';
import { QueueConnection, TRAINING_QUEUE, trainingJobId, withTimeLimit, type TrainingJob } from '#queue';
import { span } from '#tracing';
import { withRunNames } from '../common/run-names.js';
import type { TimedWorker } from '../processing/timed-worker.js';
import { WORKER_OPTIONS } from '../processing/worker-options.js';
import { TrainingService } from './training.service.js';

type Interruption = 'shutdown' | 'lock-lost';

interface Attempt {
  readonly job: Job<TrainingJob>;
  readonly token: string | undefined;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** Takes training jobs and translates outcomes into BullMQ's terms. */
@Processor(TRAINING_QUEUE, WORKER_OPTIONS)
export class TrainingProcessor extends WorkerHost<TimedWorker> {
  readonly #logger = new Logger(TrainingProcessor.name);
  readonly #attempts = new Map<string, Attempt>();
  #isEnding = false;

  constructor(
    private readonly training: TrainingService,
    private readonly connection: QueueConnection,
  ) {
    super();
  }

  get isBusy(): boolean {
    return this.#attempts.size > 0;
  }

  async process(job: Job<TrainingJob>, token?: string): Promise<void> {
    const { runId, traceParent } = job.data;
    const attributes = { 'sparserec.training_run.id': runId, 'sparserec.job.attempt': job.attemptsMade + 1 };
    const parent = traceParent ? { parent: { traceparent: traceParent } } : {};
    await withRunNames(job.data, () =>
      span('training run', { kind: 'consumer', attributes, ...parent }, () => this.#attempt(job, token)),
    );
  }

  async #attempt(job: Job<TrainingJob>, token: string | undefined): Promise<void> {
    const { runId } = job.data;
    const { controller, older, end } = this.#begin(job, token);
    try {
      await older;
      controller.signal.throwIfAborted();
      await this.training.train(runId, controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) throw await this.#settle(job, error);
      throw await this.#interrupt({ job, token }, controller.signal.reason as Interruption);
    } finally {
      end();
    }
  }

  /**
   * Ends the attempts of this process, and any that would begin later; their runs go on elsewhere. An attempt
   * that is writing its model may finish within the bound. After it the run is given back all the same:
   * whoever claims it next keeps this attempt from ending it.
   */
  async interruptAll(boundMs: number): Promise<void> {
    this.#isEnding = true;
    const attempts = [...this.#attempts.values()];
    for (const { controller } of attempts) controller.abort('shutdown' satisfies Interruption);
    await withTimeLimit(Promise.all(attempts.map(({ ended }) => ended)), boundMs).catch(async () => {
      const late = [...this.#attempts.values()];
      await Promise.all(late.map((attempt) => withRunNames(attempt.job.data, () => this.#giveBack(attempt))));
    });
  }

  /** Bound anew to every worker that the registrar makes. */
  @OnWorkerEvent('lockRenewalFailed')
  onLockRenewalFailed(jobIds: readonly string[]): void {
    for (const [runId, { controller, job }] of this.#attempts) {
      if (!jobIds.includes(trainingJobId(runId))) continue;
      withRunNames(job.data, () => this.#logger.warn({ event: 'training.lock-lost', runId }));
      controller.abort('lock-lost' satisfies Interruption);
    }
  }

  /**
   * Getting a job twice means that its first lock is gone, so an older attempt ends before a new one begins.
   */
  #begin(
    job: Job<TrainingJob>,
    token: string | undefined,
  ): { controller: AbortController; older: Promise<void>; end: () => void } {
    const { runId } = job.data;
    const older = this.#attempts.get(runId);
    older?.controller.abort('lock-lost' satisfies Interruption);
    const controller = new AbortController();
    if (this.#isEnding) controller.abort('shutdown' satisfies Interruption);
    let resolveEnded = (): void => undefined;
    const attempt = {
      job,
      token,
      controller,
      ended: new Promise<void>((resolve) => (resolveEnded = resolve)),
    };
    this.#attempts.set(runId, attempt);
    const end = () => {
      if (this.#attempts.get(runId) === attempt) this.#attempts.delete(runId);
      resolveEnded();
    };
    return { controller, older: older?.ended ?? Promise.resolve(), end };
  }

  /** @returns what BullMQ shall see: an error it retries, or one that ends the job for good */
  async #settle(job: Job<TrainingJob>, error: unknown): Promise<unknown> {
    const { runId } = job.data;
    const isLastAttempt = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    if (isTransient(error) && !isLastAttempt) {
      this.#logger.warn({ event: 'training.postponed', runId, attemptsMade: job.attemptsMade + 1, error });
      return error;
    }
    await this.training.fail(runId, error);
    return new UnrecoverableError('The run failed for good; its row says why.');
  }

  /**
   * A job whose lock is lost is not ours to move: it is in the queue already, or will be. @returns
   * what BullMQ shall see
   */
  async #interrupt(attempt: Pick<Attempt, 'job' | 'token'>, reason: Interruption): Promise<Error> {
    this.#logger.warn({ event: 'training.interrupted', runId: attempt.job.data.runId, reason });
    if (reason === 'lock-lost') return new UnrecoverableError('The job was taken over.');
    await this.#giveBack(attempt);
    return new WaitingError();
  }

  /**
   * The run waits again, and its job is at the front of the queue; where the queue cannot be told it is found
   * stalled there. The row is told first: whoever takes the job changes it again.
   */
  async #giveBack({ job, token }: Pick<Attempt, 'job' | 'token'>): Promise<void> {
    const { runId } = job.data;
    const warn = (error: unknown) => this.#logger.warn({ event: 'training.not-handed-back', runId, error });
    await this.training.release(runId).catch(warn);
    await this.connection.attempt(() => job.moveToWait(token)).catch(warn);
  }
}
