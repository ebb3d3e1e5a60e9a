import { Global, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { directDatabaseUrl, ENVIRONMENT, type Environment } from '#config';
import { ApiKeysRepository } from './access/api-keys.repository.js';
import { AuditLogRepository } from './access/audit-log.repository.js';
import { ChangeFeed } from './changes/change-feed.js';
import { Database } from './connection/database.js';
import { ProcessesRepository } from './connection/processes.repository.js';
import { ExportsRepository } from './exports/exports.repository.js';
import { ActivityRepository } from './interactions/activity.repository.js';
import { ConsentsRepository } from './people/consents.repository.js';
import { PersonExportsRepository } from './people/person-exports.repository.js';
import { StoredInteractionsRepository } from './people/stored-interactions.repository.js';
import { UserAttributesRepository } from './people/user-attributes.repository.js';
import { UserMergesRepository } from './people/user-merges.repository.js';
import { UsersRepository } from './people/users.repository.js';
import { AttributionsRepository } from './repositories/attributions.repository.js';
import { CatalogDeletionsRepository } from './repositories/catalog-deletions.repository.js';
import { CatalogsRepository } from './repositories/catalogs.repository.js';
import { IdempotencyKeysRepository } from './repositories/idempotency-keys.repository.js';
import { ImportsRepository } from './repositories/imports.repository.js';
import { InteractionTypesRepository } from './repositories/interaction-types.repository.js';
import { InteractionsRepository } from './repositories/interactions.repository.js';
import { ItemPropertiesRepository } from './repositories/item-properties.repository.js';
import { ItemsRepository } from './repositories/items.repository.js';
import { ListJobsRepository } from './repositories/list-jobs.repository.js';
import { ModelsRepository } from './repositories/models.repository.js';
import { PopularItemsRepository } from './repositories/popular-items.repository.js';
import { RowsAheadRepository } from './repositories/rows-ahead.repository.js';
import { SchedulesRepository } from './repositories/schedules.repository.js';
import { SimilarUsersRepository } from './repositories/similar-users.repository.js';
import { TrainingCheckpointsRepository } from './repositories/training-checkpoints.repository.js';
import { TrainingRunsRepository } from './repositories/training-runs.repository.js';
import { UsageRepository } from './repositories/usage.repository.js';
import { ItemSearchRepository } from './search/item-search.repository.js';
import { ArtifactStore } from './store/artifact-store.js';
import { PostgresArtifacts } from './store/postgres-artifacts.js';
import { SnapshotReader } from './streams/snapshot-reader.js';
import { UserBlockReader } from './streams/user-blocks.js';
import { TrainingPartsRepository } from './training/training-parts.repository.js';

const REPOSITORIES = [
  ApiKeysRepository,
  AttributionsRepository,
  AuditLogRepository,
  CatalogDeletionsRepository,
  CatalogsRepository,
  ConsentsRepository,
  ExportsRepository,
  IdempotencyKeysRepository,
  ImportsRepository,
  InteractionTypesRepository,
  InteractionsRepository,
  ItemPropertiesRepository,
  ItemSearchRepository,
  ItemsRepository,
  ListJobsRepository,
  ModelsRepository,
  PersonExportsRepository,
  PopularItemsRepository,
  RowsAheadRepository,
  ProcessesRepository,
  SchedulesRepository,
  SimilarUsersRepository,
  SnapshotReader,
  StoredInteractionsRepository,
  TrainingCheckpointsRepository,
  TrainingPartsRepository,
  TrainingRunsRepository,
  ActivityRepository,
  UsageRepository,
  UserAttributesRepository,
  UserBlockReader,
  UserMergesRepository,
  UsersRepository,
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
    {
      provide: ArtifactStore,
      inject: [Database],
      useFactory: (database: Database) => new PostgresArtifacts(database),
    },
    Connections,
  ],
  exports: [Database, ChangeFeed, ArtifactStore, ...REPOSITORIES],
})
export class DataModule {}
