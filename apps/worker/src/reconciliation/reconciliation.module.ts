import { Module } from '@nestjs/common';
import { SchedulingModule } from '../scheduling/scheduling.module.js';
import { BlockRefill } from './block-refill.js';
import { ListJobRefill } from './list-job-refill.js';
import { OldRows } from './old-rows.js';
import { Reconciler } from './reconciler.js';
import { RowsAheadCheck } from './rows-ahead-check.js';
import { RunRefill } from './run-refill.js';

@Module({
  imports: [SchedulingModule],
  providers: [BlockRefill, ListJobRefill, RunRefill, Reconciler, OldRows, RowsAheadCheck],
})
export class ReconciliationModule {}
