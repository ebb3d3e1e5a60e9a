import { Global, Module } from '@nestjs/common';
import { KeyRing } from '#access';
import { TrainingRunsRepository } from '#data';
import { QueueBacklogs } from '#queue';
import { GlobalNumbers } from '#telemetry';
import { ListCounts } from '../lists/list-counts.js';
import { PartCounts } from './part-counts.js';
import { RunCounts } from './run-counts.js';
import { WorkerMetrics } from './worker-metrics.js';
import { WorkerServer } from './worker-server.js';

@Global()
@Module({
  providers: [
    {
      provide: GlobalNumbers,
      inject: [QueueBacklogs, TrainingRunsRepository],
      useFactory: (backlogs: QueueBacklogs, runs: TrainingRunsRepository) =>
        new GlobalNumbers({ queues: () => backlogs.measure(), runs: () => runs.countByStatus() }),
    },
    KeyRing,
    ListCounts,
    PartCounts,
    RunCounts,
    WorkerMetrics,
    WorkerServer,
  ],
  exports: [ListCounts, PartCounts, RunCounts],
})
export class TelemetryModule {}
