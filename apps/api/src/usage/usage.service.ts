import { Inject, Injectable } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '#config';
import { CHUNK_BYTES, UsageRepository, type CatalogUsage, type SampledTable } from '#data';
import type { ServingCatalog } from '#ranking';
import { CATALOG_KEY_KINDS, type CatalogKeyKind } from '../common/redis-keys.js';
import { ServingCatalogs } from '../serving/catalogs/serving-catalogs.js';
import type { UsageEntry, UsageReply } from './dto/usage.dto.js';
import { ProcessUsages } from './process-usage.js';
import { RedisUsages, type KeyUsage, type RedisUsage } from './redis-usage.js';
import { mostSampledBytes, mostTableBytes, mostUserCacheBytes } from './usage-limits.js';

/**
 * Allocator and dictionary bytes of one chunk in Redis: its value takes up to a quarter more than its length.
 */
const CHUNK_FACTOR = 1.25;
const TABLES = ['users', 'items', 'models'] as const;
const KIND_OF_TABLE: Readonly<Record<SampledTable, string>> = {
  interactions: 'interactions',
  attributed_interactions: 'attributed-interactions',
  user_attributes: 'user-attributes',
  idempotency_keys: 'idempotency-keys',
};

/** What a catalog takes, by kind, beside what it may take at most; at a cost that does not grow with it. */
@Injectable()
export class UsageService {
  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly catalogs: ServingCatalogs,
    private readonly usage: UsageRepository,
    private readonly redis: RedisUsages,
    private readonly process: ProcessUsages,
  ) {}

  async measure(catalogId: string): Promise<UsageReply> {
    const catalog = await this.catalogs.get(catalogId);
    const stored = await this.usage.measure(catalogId);
    const redis = await this.redis.measure(catalogId);
    const { users, items, interactions, models } = stored;
    const noRedis = this.environment.REDIS_URL === '' ? 'none' : 'not-reached';
    return {
      catalogId,
      counts: { users, items, interactions, models },
      redis: redis ? 'measured' : noRedis,
      entries: [
        ...(redis ? ofRedis(catalog, redis, stored) : []),
        ...ofPostgres(catalogId, stored),
        ...this.process.measure(catalog),
      ],
    };
  }
}

function ofRedis(
  { id: catalogId, active }: ServingCatalog,
  { byKind, queues, totalBytes }: RedisUsage,
  stored: CatalogUsage,
): UsageEntry[] {
  const toEntry = (
    kind: string,
    { keys, bytes, measuredKeys }: KeyUsage,
    rest: Pick<UsageEntry, 'scope' | 'atMostBytes'>,
  ): UsageEntry => ({
    store: 'redis',
    kind,
    count: keys,
    bytes,
    measured: measuredKeys < keys ? measuredKeys : null,
    ...rest,
  });
  // Lists are kept for whoever asks, whether the catalog has the user or not.
  const most: Record<CatalogKeyKind, number | null> = {
    users: mostUserCacheBytes(catalogId, stored, active?.embeddingLength ?? 0),
    'item-side': Math.ceil(CHUNK_FACTOR * (stored.artifactBytes + stored.models * CHUNK_BYTES)),
    'cached-lists': null,
    'shown-items': null,
  };
  const total = { keys: 1, bytes: totalBytes, measuredKeys: 1 };
  return [
    ...CATALOG_KEY_KINDS.map((kind) =>
      toEntry(kind, byKind[kind], { scope: 'catalog', atMostBytes: most[kind] }),
    ),
    toEntry('queues', queues, { scope: 'service', atMostBytes: null }),
    { ...toEntry('total', total, { scope: 'service', atMostBytes: null }), count: null },
  ];
}

function ofPostgres(catalogId: string, stored: CatalogUsage): UsageEntry[] {
  const most = mostTableBytes(catalogId, stored);
  const entry = { store: 'postgres', scope: 'catalog' } as const;
  const sampled = Object.entries(stored.samples) as [SampledTable, CatalogUsage['samples'][SampledTable]][];
  return [
    ...sampled.map(([table, { rows, bytes, sampledRows }]) => ({
      ...entry,
      kind: KIND_OF_TABLE[table],
      count: rows,
      bytes,
      measured: sampledRows,
      atMostBytes: mostSampledBytes(catalogId, table, rows),
    })),
    ...TABLES.map((kind) => ({
      ...entry,
      kind,
      count: stored[kind],
      bytes: stored.tableBytes[kind],
      measured: null,
      atMostBytes: most[kind],
    })),
    ...(stored.listJobs.count > 0
      ? [{ ...entry, kind: 'list-jobs', ...stored.listJobs, measured: null, atMostBytes: null }]
      : []),
  ];
}
