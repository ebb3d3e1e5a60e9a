import { Module } from '@nestjs/common';
import { ConfigModule, ENVIRONMENT } from '#config';
import { DataModule } from '#data';
import { QueueModule } from '#queue';
import { AccessModule } from './access/access.module.js';
import { CatalogsModule } from './catalogs/catalogs.module.js';
import { DashboardModule } from './dashboard/dashboard.module.js';
import { DrainingModule } from './draining/draining.module.js';
import { ExportsModule } from './exports/exports.module.js';
import { HealthModule } from './health/health.module.js';
import { InteractionTypesModule } from './interaction-types/interaction-types.module.js';
import { InteractionsModule } from './interactions/interactions.module.js';
import { ItemsModule } from './items/items.module.js';
import { ListJobsModule } from './list-jobs/list-jobs.module.js';
import { ModelsModule } from './models/models.module.js';
import { ProcessesModule } from './processes/processes.module.js';
import { QueueBoardModule } from './queue-board/queue-board.module.js';
import { RecommendationsModule } from './recommendations/recommendations.module.js';
import { SchedulesModule } from './schedules/schedules.module.js';
import { ServingModule } from './serving/serving.module.js';
import { SettingsModule } from './settings/settings.module.js';
import { TelemetryModule } from './telemetry/telemetry.module.js';
import { TrainingRunsModule } from './training-runs/training-runs.module.js';
import { UsageModule } from './usage/usage.module.js';
import { UsersModule } from './users/users.module.js';

@Module({
  imports: [
    ConfigModule,
    DrainingModule,
    DataModule,
    QueueModule.forRoot(ENVIRONMENT),
    ServingModule,
    AccessModule,
    CatalogsModule,
    DashboardModule,
    ExportsModule,
    HealthModule,
    InteractionsModule,
    InteractionTypesModule,
    ItemsModule,
    ListJobsModule,
    ModelsModule,
    ProcessesModule,
    QueueBoardModule,
    RecommendationsModule,
    SchedulesModule,
    SettingsModule,
    TelemetryModule,
    TrainingRunsModule,
    UsageModule,
    UsersModule,
  ],
})
export class AppModule {}
