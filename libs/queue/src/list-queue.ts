import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { LIST_JOB, LIST_QUEUE, listQueueJobId, type ListQueueJob } from './jobs.js';
import { QueueConnection } from './queue-connection.js';
import { RowQueue } from './row-queue.js';

/** Asks workers to make lists. */
@Injectable()
export class ListQueue extends RowQueue<ListQueueJob> {
  constructor(@InjectQueue(LIST_QUEUE) queue: Queue<ListQueueJob>, connection: QueueConnection) {
    super(queue, connection, {
      name: LIST_JOB,
      spanName: 'lists enqueue',
      idOf: listQueueJobId,
      toData: (listJobId) => ({ listJobId }),
    });
  }
}
