import { Processor } from '@nestjs/bullmq';
import { LIST_QUEUE, QueueConnection, type ListQueueJob } from '#queue';
import { InterruptibleProcessor } from '../processing/interruptible-processor.js';
import { WORKER_OPTIONS } from '../processing/worker-options.js';
import { ListJobsService } from './list-jobs.service.js';

/** Takes list jobs, one at a time. */
@Processor(LIST_QUEUE, WORKER_OPTIONS)
export class ListJobsProcessor extends InterruptibleProcessor<ListQueueJob> {
  constructor(
    private readonly lists: ListJobsService,
    connection: QueueConnection,
  ) {
    super(connection, { event: 'list-job', span: 'list job', work: 'list job' });
  }

  protected namesOf({ listJobId }: ListQueueJob) {
    return { listJobId };
  }

  protected attributesOf({ listJobId }: ListQueueJob) {
    return { 'sparserec.list_job.id': listJobId };
  }

  protected work({ listJobId }: ListQueueJob, interrupted: AbortSignal): Promise<void> {
    return this.lists.run(listJobId, interrupted);
  }

  protected fail({ listJobId }: ListQueueJob, error: unknown): Promise<void> {
    return this.lists.fail(listJobId, error);
  }
}
