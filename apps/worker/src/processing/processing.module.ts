import { Module } from '@nestjs/common';
import { SchedulingModule } from '../scheduling/scheduling.module.js';
import { TrainingModule } from '../training/training.module.js';
import { WorkerSupervisor } from './worker-supervisor.js';

@Module({ imports: [TrainingModule, SchedulingModule], providers: [WorkerSupervisor] })
export class ProcessingModule {}
