import { BullModule } from '@nestjs/bullmq';
import { Module, type DynamicModule, type InjectionToken } from '@nestjs/common';
import { BlockQueue } from './block-queue.js';
import { QUEUE_NAMES } from './jobs.js';
import { ListQueue } from './list-queue.js';
import { QueueBacklogs } from './queue-backlogs.js';
import { QueueConnection } from './queue-connection.js';
import type { QueueEnvironment } from './queue-environment.js';
import { ScheduleQueue } from './schedule-queue.js';
import { TrainingQueue } from './training-queue.js';

const QUEUES = [TrainingQueue, BlockQueue, ScheduleQueue, ListQueue, QueueBacklogs];

/** All queues on Redis or PostgreSQL, as the environment says. */
@Module({})
export class QueueModule {
  /**
   * Processors start only when the application calls `BullRegistrar.register()`: a process that has none
   * never does, and the worker decides when to begin and when to begin anew.
   *
   * @param environmentToken injection token of a `QueueEnvironment`, provided globally
   */
  static forRoot(environmentToken: InjectionToken): DynamicModule {
    const connectionModule: DynamicModule = {
      module: QueueConnectionModule,
      providers: [
        {
          provide: QueueConnection,
          inject: [environmentToken],
          useFactory: (environment: QueueEnvironment) => new QueueConnection(environment),
        },
      ],
      exports: [QueueConnection],
    };
    const bull = BullModule.forRootAsync({
      imports: [connectionModule],
      inject: [QueueConnection],
      useFactory: (connection: QueueConnection) => connection.queueOptions,
      extraOptions: { manualRegistration: true },
    });
    return {
      module: QueueModule,
      global: true,
      imports: [connectionModule, bull, BullModule.registerQueue(...QUEUE_NAMES.map((name) => ({ name })))],
      providers: QUEUES,
      exports: [connectionModule, BullModule, ...QUEUES],
    };
  }
}

@Module({})
class QueueConnectionModule {}
