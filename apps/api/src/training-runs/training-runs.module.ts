import { Module } from '@nestjs/common';
import { RunEvents } from './run-events.js';
import { TrainingEstimatesController } from './training-estimates.controller.js';
import { TrainingEstimates } from './training-estimates.service.js';
import { TrainingRunsController } from './training-runs.controller.js';
import { TrainingRunsService } from './training-runs.service.js';

@Module({
  controllers: [TrainingRunsController, TrainingEstimatesController],
  providers: [RunEvents, TrainingEstimates, TrainingRunsService],
})
export class TrainingRunsModule {}
