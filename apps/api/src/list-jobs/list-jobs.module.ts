import { Module } from '@nestjs/common';
import { ExportsModule } from '../exports/exports.module.js';
import { ListFiles } from './list-files.js';
import { ListJobsController } from './list-jobs.controller.js';
import { ListJobsService } from './list-jobs.service.js';

@Module({
  imports: [ExportsModule],
  controllers: [ListJobsController],
  providers: [ListFiles, ListJobsService],
})
export class ListJobsModule {}
