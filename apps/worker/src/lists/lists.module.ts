import { Module } from '@nestjs/common';
import { ListJobsProcessor } from './list-jobs.processor.js';
import { ListJobsService } from './list-jobs.service.js';
import { ListMakerService } from './list-maker.service.js';

@Module({
  providers: [ListJobsProcessor, ListJobsService, ListMakerService],
  exports: [ListJobsProcessor],
})
export class ListsModule {}
