export { AttributionsRepository } from './attributions.repository.js';
export { type CatalogChange } from './catalog-change.js';
export { CatalogDeletionsRepository } from './catalog-deletions.repository.js';
export { CatalogsRepository, type Catalog, type CatalogSettings } from './catalogs.repository.js';
export { type BeforeCommit, type ChangedUser } from './changed-users.js';
export { ChangeFeed, type ChangeFeedState, type ChangeListener } from './change-feed.js';
export { artifactCorrupt, CHUNK_BYTES, readChunks } from './chunks.js';
export { DataModule } from './data.module.js';
export { databaseUnavailable } from './database-errors.js';
export { Database } from './database.js';
export { checkDatabase } from './database-check.js';
export { IdempotencyKeysRepository } from './idempotency-keys.repository.js';
export { InteractionTypesRepository } from './interaction-types.repository.js';
export { tookTooLong } from './heavy-query.js';
export { type MergedBatch } from './interaction-merge.js';
export { InteractionsRepository } from './interactions.repository.js';
export { parseInteractionRows, type RowFormat, type RowOptions } from './interaction-rows.js';
export { ItemPropertiesRepository } from './item-properties.repository.js';
export { ItemsRepository, type PutItems } from './items.repository.js';
export { type KeyedWrite } from './keyed-write.js';
export { migrate } from './migrate.js';
export { ModelsRepository, type NewModel } from './models.repository.js';
export { type Page } from './paging.js';
export {
  PopularItemsRepository,
  type CountedItems,
  type PopularityWindow,
} from './popular-items.repository.js';
export { RowsAheadRepository, type RowsAhead } from './rows-ahead.repository.js';
export {
  SchedulesRepository,
  type ScheduleInput,
  type TakenTick,
  type TickPlan,
} from './schedules.repository.js';
export { RefusedRowList } from './refused-rows.js';
export { SimilarUsersRepository, type SimilarUser } from './similar-users.repository.js';
export { SnapshotReader, type Snapshot } from './snapshot-reader.js';
export { TrainingCheckpointsRepository } from './training-checkpoints.repository.js';
export {
  TrainingRunsRepository,
  type NewTrainingRun,
  type RunOutcome,
  type RunProgress,
} from './training-runs.repository.js';
export { UsageRepository, type CatalogUsage, type SampledTable } from './usage.repository.js';
export { checkUtf8 } from './utf8-check.js';
