import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { TRAINING_JOB, TRAINING_QUEUE, trainingJobId, type TrainingJob } from './jobs.js';
import { QueueConnection } from './queue-connection.js';
import { RowQueue } from './row-queue.js';

/** Asks workers to carry out training runs. */
@Injectable()
export class TrainingQueue extends RowQueue<TrainingJob> {
  constructor(@InjectQueue(TRAINING_QUEUE) queue: Queue<TrainingJob>, connection: QueueConnection) {
    super(queue, connection, {
      name: TRAINING_JOB,
      spanName: 'training enqueue',
      idOf: trainingJobId,
      toData: (runId) => ({ runId }),
    });
  }
}
