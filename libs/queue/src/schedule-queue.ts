import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, Logger } from '@nestjs/common';
import type { JobSchedulerJson, JobSchedulerTemplateOptions, Queue } from 'bullmq';
import { SCHEDULE_QUEUE, jobSchedulerId, SCHEDULE_TICK_JOB, type ScheduleTickJob } from './jobs.js';
import { QueueConnection, reportQueueErrors } from './queue-connection.js';

const TICK_OPTIONS: JobSchedulerTemplateOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 500 },
  removeOnComplete: true,
  removeOnFail: true,
};

/** What a job scheduler needs of a stored schedule. */
export interface ScheduleTiming extends ScheduleTickJob {
  readonly cron: string;
  readonly timeZone: string;
}

/** A job scheduler as the queue has it. */
export interface MirroredSchedule {
  readonly schedulerId: string;
  readonly cron: string | null;
  readonly timeZone: string | null;
  readonly nextTickAt: Date | null;
}

/** BullMQ job schedulers, one a stored schedule. */
@Injectable()
export class ScheduleQueue {
  constructor(
    @InjectQueue(SCHEDULE_QUEUE) private readonly queue: Queue<ScheduleTickJob>,
    private readonly connection: QueueConnection,
  ) {
    reportQueueErrors(queue, new Logger(ScheduleQueue.name));
  }

  async findAll(): Promise<MirroredSchedule[]> {
    const schedulers = await this.connection.attempt(() => this.queue.getJobSchedulers());
    return schedulers.map(toMirroredSchedule);
  }

  async put({ catalogId, scheduleName, cron, timeZone }: ScheduleTiming): Promise<void> {
    const template = { name: SCHEDULE_TICK_JOB, data: { catalogId, scheduleName }, opts: TICK_OPTIONS };
    const id = jobSchedulerId(catalogId, scheduleName);
    await this.connection.attempt(() =>
      this.queue.upsertJobScheduler(id, { pattern: cron, tz: timeZone }, template),
    );
  }

  async remove(schedulerId: string): Promise<void> {
    await this.connection.attempt(() => this.queue.removeJobScheduler(schedulerId));
  }
}

function toMirroredSchedule(scheduler: JobSchedulerJson): MirroredSchedule {
  return {
    schedulerId: scheduler.key,
    cron: scheduler.pattern ?? null,
    timeZone: scheduler.tz ?? null,
    nextTickAt: scheduler.next === undefined ? null : new Date(scheduler.next),
  };
}
