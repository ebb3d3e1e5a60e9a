import { directDatabaseUrl, ENVIRONMENT, type Environment } from '#config';
import { Global, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { AttributionsRepository } from './attributions.repository.js';
import { CatalogDeletionsRepository } from './catalog-deletions.repository.js';
import { CatalogsRepository } from './catalogs.repository.js';
import { ChangeFeed } from './change-feed.js';
import { Database } from './database.js';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.js';
import { InteractionTypesRepository } from './interaction-types.repository.js';
import { InteractionsRepository } from './interactions.repository.js';
import { ItemPropertiesRepository } from './item-properties.repository.js';
import { ItemsRepository } from './items.repository.js';
import { ModelsRepository } from './models.repository.js';
import { PopularItemsRepository } from './popular-items.repository.js';
import { RowsAheadRepository } from './rows-ahead.repository.js';
import { SchedulesRepository } from './schedules.repository.js';
import { SimilarUsersRepository } from './similar-users.repository.js';
import { SnapshotReader } from './snapshot-reader.js';
import { TrainingCheckpointsRepository } from './training-checkpoints.repository.js';
import { TrainingRunsRepository } from './training-runs.repository.js';
import { UsageRepository } from './usage.repository.js';

const REPOSITORIES = [
  AttributionsRepository,
  CatalogDeletionsRepository,
  CatalogsRepository,
  IdempotencyKeysRepository,
  InteractionTypesRepository,
  InteractionsRepository,
  ItemPropertiesRepository,
  ItemsRepository,
  ModelsRepository,
  PopularItemsRepository,
  RowsAheadRepository,
  SchedulesRepository,
  SimilarUsersRepository,
  SnapshotReader,
  TrainingCheckpointsRepository,
  TrainingRunsRepository,
  UsageRepository,
];

/** Closes connections after everything that uses them has stopped. */
@Injectable()
class Connections implements OnApplicationShutdown {
  constructor(
    private readonly database: Database,
    private readonly feed: ChangeFeed,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.feed.close();
    await this.database.close();
  }
}

@Global()
@Module({
  providers: [
    {
      provide: Database,
      inject: [ENVIRONMENT],
      useFactory: (env: Environment) => Database.connect(env.DATABASE_URL),
    },
    {
      provide: ChangeFeed,
      inject: [Database, ENVIRONMENT],
      useFactory: (database: Database, env: Environment) => new ChangeFeed(database, directDatabaseUrl(env)),
    },
    ...REPOSITORIES.map((repository) => ({
      provide: repository,
      inject: [Database],
      useFactory: (database: Database) => new repository(database),
    })),
    Connections,
  ],
  exports: [Database, ChangeFeed, ...REPOSITORIES],
})
export class DataModule {}
