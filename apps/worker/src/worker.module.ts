import { ConfigModule, ENVIRONMENT } from '@app/config';
import { DataModule } from '@app/data';
import { QueueModule } from '@app/queue';
import { Module } from '@nestjs/common';
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
