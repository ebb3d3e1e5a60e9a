import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { SCHEDULE_QUEUE, type ScheduleTickJob } from '#queue';
import type { TimedWorker } from '../processing/timed-worker.js';
import { WORKER_OPTIONS } from '../processing/worker-options.js';
import { ScheduleTicksService } from './schedule-ticks.service.js';

/** One tick at a time: ticks are short, and two of one schedule must not overlap. */
@Processor(SCHEDULE_QUEUE, WORKER_OPTIONS)
export class ScheduleProcessor extends WorkerHost<TimedWorker> {
  constructor(private readonly ticks: ScheduleTicksService) {
    super();
  }

  async process(job: Job<ScheduleTickJob>): Promise<void> {
    await this.ticks.tick(job.data);
  }
}
