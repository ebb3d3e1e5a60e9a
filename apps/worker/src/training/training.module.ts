import { Module } from '@nestjs/common';
import { ComputePool } from './compute-pool.js';
import { BlockFlow } from './flow/block-flow.js';
import { BlockPartsProcessor } from './flow/block-parts.processor.js';
import { BlockPartsService } from './flow/block-parts.service.js';
import { BlockPool } from './flow/block-pool.js';
import { OwnMeans } from './flow/own-means.js';
import { PartWatchdog } from './flow/part-watchdog.js';
import { PromotionService } from './promotion.service.js';
import { RunCheckpoints } from './run-checkpoints.js';
import { TrainingDataService } from './training-data.service.js';
import { TrainingProcessor } from './training.processor.js';
import { TrainingService } from './training.service.js';

@Module({
  providers: [
    BlockFlow,
    BlockPartsProcessor,
    BlockPartsService,
    BlockPool,
    ComputePool,
    OwnMeans,
    PartWatchdog,
    PromotionService,
    RunCheckpoints,
    TrainingDataService,
    TrainingService,
    TrainingProcessor,
  ],
  exports: [TrainingProcessor, BlockPartsProcessor],
})
export class TrainingModule {}
