import { BullRegistrar, type WorkerHost } from '@nestjs/bullmq';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import {
  BLOCK_QUEUE,
  LIST_QUEUE,
  QueueBacklogs,
  reportQueueErrors,
  Rounds,
  SCHEDULE_QUEUE,
  TRAINING_QUEUE,
  type QueueBacklog,
  type QueueName,
} from '#queue';
import { ListJobsProcessor } from '../lists/list-jobs.processor.js';
import { ScheduleProcessor } from '../scheduling/schedule.processor.js';
import { BlockPartsProcessor } from '../training/flow/block-parts.processor.js';
import { TrainingProcessor } from '../training/training.processor.js';
import { FetchWatchdog } from './fetch-watchdog.js';
import type { TimedWorker } from './timed-worker.js';

const LOOK_INTERVAL_MS = 1_000;

interface Supervised {
  readonly name: QueueName;
  readonly host: WorkerHost<TimedWorker>;
  readonly watchdog: FetchWatchdog;
}

/**
 * Starts the BullMQ workers, makes them anew when they no longer fetch, and stops them in time.
 *
 * `BullRegistrar.register` is the one public way to give every `WorkerHost` a new worker. It keeps references
 * to the old ones and closes them once more on shutdown, which does nothing.
 */
@Injectable()
export class WorkerSupervisor implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(WorkerSupervisor.name);
  readonly #supervised: readonly Supervised[];
  readonly #rounds = new Rounds('supervision', () => this.#restartWhenStuck(), this.#logger);

  constructor(
    private readonly registrar: BullRegistrar,
    private readonly backlogs: QueueBacklogs,
    private readonly training: TrainingProcessor,
    schedule: ScheduleProcessor,
    private readonly lists: ListJobsProcessor,
    private readonly blocks: BlockPartsProcessor,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {
    this.#supervised = [
      { name: TRAINING_QUEUE, host: training, watchdog: new FetchWatchdog() },
      { name: SCHEDULE_QUEUE, host: schedule, watchdog: new FetchWatchdog() },
      { name: LIST_QUEUE, host: lists, watchdog: new FetchWatchdog() },
      { name: BLOCK_QUEUE, host: blocks, watchdog: new FetchWatchdog() },
    ];
  }

  onApplicationBootstrap(): void {
    this.#startWorkers();
    this.#rounds.start(LOOK_INTERVAL_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#rounds.stop();
    const boundMs = this.environment.DRAIN_SECONDS * 1_000;
    for (const worker of this.#workers()) worker.patienceMs = boundMs;
    const closed = this.#closeWorkers();
    await Promise.all(this.#interruptible().map((host) => host.interruptAll(boundMs)));
    await closed;
  }

  #startWorkers(): void {
    this.registrar.register();
    this.training.worker.concurrency = this.environment.TRAINING_CONCURRENCY;
    for (const worker of this.#workers()) reportQueueErrors(worker, this.#logger);
  }

  #workers(): TimedWorker[] {
    return this.#supervised.map(({ host }) => host.worker);
  }

  #interruptible() {
    return [this.training, this.lists, this.blocks];
  }

  /** A run that is being worked on here explains jobs that wait. */
  async #restartWhenStuck(): Promise<void> {
    for (const { name, host, watchdog } of this.#supervised) {
      const isOccupied = this.#interruptible().some((own) => own === host && own.isBusy);
      const backlog = isOccupied ? null : await this.#findBacklog(name);
      if (backlog === null) watchdog.reset();
      else if (watchdog.observe(backlog)) return this.#restart(name);
    }
  }

  /** Nothing is known while the queue's server is away; its absence is reported elsewhere. */
  async #findBacklog(name: QueueName): Promise<QueueBacklog | null> {
    try {
      return await this.backlogs.find(name);
    } catch {
      return null;
    }
  }

  /** Jobs at work are finished by the old workers, which take no new ones once they close. */
  async #restart(queueName: QueueName): Promise<void> {
    this.#logger.warn({ event: 'worker.restarted', queueName, reason: 'jobs wait and none is taken' });
    await this.#closeWorkers();
    this.#startWorkers();
  }

  async #closeWorkers(): Promise<void> {
    await Promise.all(this.#workers().map((worker) => worker.close()));
  }
}
