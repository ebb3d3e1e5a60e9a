import { Module } from '@nestjs/common';
import { ScheduleTicksController } from './schedule-ticks.controller.js';
import { SchedulesController } from './schedules.controller.js';
import { SchedulesService } from './schedules.service.js';

@Module({ controllers: [SchedulesController, ScheduleTicksController], providers: [SchedulesService] })
export class SchedulesModule {}
