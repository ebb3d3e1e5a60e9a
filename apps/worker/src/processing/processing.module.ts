import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { ListsModule } from '../lists/lists.module.js';
import { SchedulingModule } from '../scheduling/scheduling.module.js';
import { TrainingModule } from '../training/training.module.js';
import { TimedWorker } from './timed-worker.js';
import { WorkerSupervisor } from './worker-supervisor.js';

BullModule.workerClass = TimedWorker;

@Module({ imports: [TrainingModule, SchedulingModule, ListsModule], providers: [WorkerSupervisor] })
export class ProcessingModule {}
