import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { ENVIRONMENT } from '#config';
import { ItemPropertiesRepository } from '#data';
import { ItemColumns, NewItemCatalogs } from '#ranking';
import { HeavyReads } from '../common/concurrency/heavy-reads.js';
import { AnswerCounts } from './answer-counts.js';
import { CATALOG_MEMORIES, CatalogCaches, type CatalogMemory } from './catalogs/catalog-caches.js';
import { ServingCatalogs } from './catalogs/serving-catalogs.js';
import { ItemProperties } from './items/item-properties.js';
import { PopularItems } from './items/popular-items.js';
import { ArtifactCache } from './models/artifact-cache.js';
import { ChosenModels } from './models/chosen-models.js';
import { ModelLoader } from './models/model-loader.js';
import { CACHE_REDIS, connectCache } from './redis-client.js';
import { ScoringThreads } from './scoring/scoring-threads.js';
import { CachedLists } from './users/cached-lists.js';
import { MergeCounts } from './users/merge-counts.js';
import { ShownItems } from './users/shown-items.js';
import { SimilarUsers } from './users/similar-users.js';
import { UserHistories } from './users/user-histories.js';

const MEMORIES = [ChosenModels, ItemColumns, CachedLists, PopularItems, ShownItems, UserHistories];
/** What resources of the API are made with. */
const SHARED = [
  AnswerCounts,
  ArtifactCache,
  CatalogCaches,
  ChosenModels,
  ItemProperties,
  CachedLists,
  MergeCounts,
  PopularItems,
  ScoringThreads,
  ServingCatalogs,
  ShownItems,
  SimilarUsers,
  UserHistories,
];

@Global()
@Module({
  providers: [
    { provide: CACHE_REDIS, inject: [ENVIRONMENT], useFactory: connectCache },
    {
      provide: CATALOG_MEMORIES,
      inject: MEMORIES,
      useFactory: (...memories: CatalogMemory[]) => memories,
    },
    {
      provide: ItemColumns,
      inject: [ItemPropertiesRepository],
      useFactory: (properties: ItemPropertiesRepository) => new ItemColumns(properties),
    },
    {
      provide: NewItemCatalogs,
      inject: [ItemColumns],
      useFactory: (columns: ItemColumns) => new NewItemCatalogs(columns),
    },
    HeavyReads,
    ModelLoader,
    ...SHARED,
  ],
  exports: [CACHE_REDIS, HeavyReads, ItemColumns, NewItemCatalogs, ...SHARED],
})
export class ServingModule implements OnApplicationShutdown {
  constructor(@Inject(CACHE_REDIS) private readonly redis: Redis | null) {}

  onApplicationShutdown(): void {
    this.redis?.disconnect();
  }
}
