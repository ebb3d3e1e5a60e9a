import { Module } from '@nestjs/common';
import { ConfigModule, ENVIRONMENT } from '#config';
import { DataModule } from '#data';
import { QueueModule } from '#queue';
import { ProcessingModule } from './processing/processing.module.js';
import { ReconciliationModule } from './reconciliation/reconciliation.module.js';
import { TelemetryModule } from './telemetry/telemetry.module.js';

@Module({
  imports: [
    ConfigModule,
    DataModule,
    QueueModule.forRoot(ENVIRONMENT),
    TelemetryModule,
    ProcessingModule,
    ReconciliationModule,
  ],
})
export class WorkerModule {}
