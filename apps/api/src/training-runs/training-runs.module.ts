import { Module } from '@nestjs/common';
import { RunEvents } from './run-events.js';
import { TrainingRunsController } from './training-runs.controller.js';
import { TrainingRunsService } from './training-runs.service.js';

@Module({ controllers: [TrainingRunsController], providers: [RunEvents, TrainingRunsService] })
export class TrainingRunsModule {}
