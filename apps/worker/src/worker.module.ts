import { Module } from '@nestjs/common';
import { ConfigModule, ENVIRONMENT } from '#config';
import { DataModule } from '#data';
import { QueueModule } from '#queue';
import { ProcessingModule } from './processing/processing.module.js';
import { ReconciliationModule } from './reconciliation/reconciliation.module.js';

@Module({
  imports: [
    ConfigModule,
    DataModule,
    QueueModule.forRoot(ENVIRONMENT),
    ProcessingModule,
    ReconciliationModule,
  ],
})
export class WorkerModule {}
