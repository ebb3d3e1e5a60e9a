import { Module } from '@nestjs/common';
import { ScheduleMirror } from './schedule-mirror.js';
import { ScheduleTicksService } from './schedule-ticks.service.js';
import { ScheduleProcessor } from './schedule.processor.js';

@Module({
  providers: [ScheduleTicksService, ScheduleProcessor, ScheduleMirror],
  exports: [ScheduleProcessor, ScheduleMirror, ScheduleTicksService],
})
export class SchedulingModule {}
