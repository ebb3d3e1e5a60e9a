export {
  ApiKeysRepository,
  type MadeApiKey,
  type NewApiKey,
  type StoredApiKey,
} from './access/api-keys.repository.js';
export { AuditLogRepository } from './access/audit-log.repository.js';
export { AuditedKeysRepository } from './access/audited-keys.repository.js';
export { AttributionsRepository } from './repositories/attributions.repository.js';
export { type CatalogChange, type Change } from './changes/catalog-change.js';
export {
  catalogDeletionNotFound,
  CatalogDeletionsRepository,
} from './repositories/catalog-deletions.repository.js';
export {
  CatalogsRepository,
  checkCatalogName,
  type Catalog,
  type CatalogSettings,
} from './repositories/catalogs.repository.js';
export { type BeforeCommit, type ChangedUser } from './changes/changed-users.js';
export { ChangeFeed, type ChangeFeedState, type ChangeListener, type Heard } from './changes/change-feed.js';
export { artifactCorrupt, CHUNK_BYTES, readChunks } from './streams/chunks.js';
export { DataModule } from './data.module.js';
export { databaseUnavailable } from './connection/database-errors.js';
export { Database } from './connection/database.js';
export { checkDatabase } from './connection/database-check.js';
export { IdempotencyKeysRepository } from './repositories/idempotency-keys.repository.js';
export {
  ImportsRepository,
  type ImportedBatch,
  type ImportedData,
  type ImportOptions,
} from './repositories/imports.repository.js';
export { type ImportedType } from './repositories/imported-types.js';
export { InteractionTypesRepository } from './repositories/interaction-types.repository.js';
export { EXPORTED_TABLES, type ExportedTable } from './exports/export.sql.js';
export { BackupsRepository, type BackupSummary } from './backups/backups.repository.js';
export { toParquet } from './exports/parquet.js';
export { EXPORT_FORMATS, ExportsRepository, type ExportFormat } from './exports/exports.repository.js';
export { tookTooLong } from './connection/heavy-query.js';
export { type DeletedInteractions } from './interactions/interaction-deletion.js';
export { type MergedBatch } from './interactions/interaction-merge.js';
export type { CheckedImport } from './imports/import-check.js';
export type { ImportedSettings } from './imports/settings-change.js';
export { InteractionsRepository } from './repositories/interactions.repository.js';
export { ItemPropertiesRepository } from './repositories/item-properties.repository.js';
export { type PutItems } from './repositories/item-change.js';
export { ItemSearchRepository } from './search/item-search.repository.js';
export { type CorrectedRow, type DeletedItem, type PatchedItem } from './items/item-corrections.js';
export { ItemsRepository } from './repositories/items.repository.js';
export { type IdempotentWrite } from './connection/idempotent-write.js';
export { migrate } from './connection/migrate.js';
export {
  ListJobsRepository,
  type ListJobPart,
  type NewListJob,
} from './repositories/list-jobs.repository.js';
export { ModelsRepository, type NewModel } from './repositories/models.repository.js';
export { type Page } from './sql/paging.js';
export {
  PopularItemsRepository,
  type CountedItems,
  type PopularityWindow,
} from './repositories/popular-items.repository.js';
export { RowsAheadRepository, type RowsAhead } from './repositories/rows-ahead.repository.js';
export {
  SchedulesRepository,
  type PutConditions,
  type ScheduleInput,
  type TakenTick,
  type TickPlan,
} from './repositories/schedules.repository.js';
export {
  SimilarUsersRepository,
  type NobodyReason,
  type SimilarUser,
} from './repositories/similar-users.repository.js';
export { ConsentsRepository } from './people/consents.repository.js';
export { PersonExportsRepository } from './people/person-exports.repository.js';
export {
  StoredInteractionsRepository,
  type InteractionPage,
} from './people/stored-interactions.repository.js';
export { UserAttributesRepository } from './people/user-attributes.repository.js';
export { type MergedUsers } from './people/user-merge.js';
export { UserMergesRepository } from './people/user-merges.repository.js';
export { UsersRepository } from './people/users.repository.js';
export { ArtifactStore } from './store/artifact-store.js';
export { PostgresArtifacts } from './store/postgres-artifacts.js';
export { SnapshotReader, type Snapshot } from './streams/snapshot-reader.js';
export { UserBlockReader, type BlockUser, type UserBlock } from './streams/user-blocks.js';
export { TrainingCheckpointsRepository } from './repositories/training-checkpoints.repository.js';
export {
  TrainingPartsRepository,
  type OpenPart,
  type PartNeeds,
  type PartsProgress,
  type TaskNeeds,
  type TrainingPart,
  type TrainingPartId,
} from './training/training-parts.repository.js';
export {
  TrainingRunsRepository,
  type NewTrainingRun,
  type RunOutcome,
  type RunProgress,
  type TrainedRun,
} from './repositories/training-runs.repository.js';
export { ActivityRepository, type DayCounts } from './interactions/activity.repository.js';
export { ProcessesRepository } from './connection/processes.repository.js';
export { encodeProcess, ownProcess, type ServiceProcess } from './connection/process-name.js';
export { UsageRepository, type CatalogUsage, type SampledTable } from './repositories/usage.repository.js';
export type { ImportProgress } from './imports/import-progress.js';
