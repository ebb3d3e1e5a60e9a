import { Module } from '@nestjs/common';
import { ComputePool } from './compute-pool.js';
import { PromotionService } from './promotion.service.js';
import { RunCheckpoints } from './run-checkpoints.js';
import { TrainingDataService } from './training-data.service.js';
import { TrainingProcessor } from './training.processor.js';
import { TrainingService } from './training.service.js';

@Module({
  providers: [
    ComputePool,
    PromotionService,
    RunCheckpoints,
    TrainingDataService,
    TrainingService,
    TrainingProcessor,
  ],
  exports: [TrainingProcessor],
})
export class TrainingModule {}
