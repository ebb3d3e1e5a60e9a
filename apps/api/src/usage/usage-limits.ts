import type { CatalogUsage, SampledTable } from '#data';
import { LIMITS } from '#domain';
import { largestHistoryBytes } from '../serving/users/history-codec.js';
import { HEAD_LENGTH } from '../serving/users/user-cache.js';

/**
 * Bytes of a key and its entry in Redis beside name and value: object, dictionary entry, expiry,
 * rounding up of sizes.
 */
const REDIS_ENTRY_BYTES = 192;
/** A value of n bytes takes up to 1.25 n in the allocator's size classes. */
const ALLOCATOR_FACTOR = 1.25;
/** Header of a row and its pointer, and what alignment adds. */
const ROW_BYTES = 40;
/** B-tree pages are at least half full when rows only come in. */
const INDEX_FACTOR = 2;
const INDEX_ENTRY_BYTES = 16;
const UTF8_BYTES = 4;
/** Artifacts are stored out of line, in pieces of 2 kB with a header each. */
const ARTIFACT_FACTOR = 1.1;
/** Maps of free space and of visibility, and the first pages of all indexes. */
const EMPTY_TABLE_BYTES = 96 * 1024;

/**
 * Users in Redis, each with the most that their number of interactions allows, in one cache epoch
 * and by one model.
 */
export function mostUserCacheBytes(
  catalogId: string,
  { users, interactions, userIdBytes, samples }: CatalogUsage,
  embeddingLength: number,
): number {
  const items = Math.min(interactions, users * LIMITS.historyItems);
  const attributed = samples.user_attributes.rows;
  const most = { users, items, alsoSeen: interactions - items, embeddingLength, attributed };
  const name = REDIS_ENTRY_BYTES + HEAD_LENGTH + catalogId.length + userIdBytes;
  return Math.ceil(ALLOCATOR_FACTOR * (users * name + largestHistoryBytes(most)));
}

/** A row with two indexes, keys of at most `keyBytes` each. */
function mostRowBytes(rowBytes: number, keyBytes: number): number {
  return ROW_BYTES + rowBytes + 2 * INDEX_FACTOR * (INDEX_ENTRY_BYTES + keyBytes);
}

/** Tags and metadata. */
const ATTRIBUTE_BYTES = UTF8_BYTES * LIMITS.tagsPerItem * LIMITS.tagLength + LIMITS.metadataBytes;

/**
 * Interactions, those that were counted, and attributes of users, whose tags have an index. How long answers
 * are that keys keep is not said by their number.
 */
export function mostSampledBytes(catalogId: string, table: SampledTable, rows: number): number | null {
  if (table === 'idempotency_keys') return null;
  // Catalog, item, type, time and user are the longest key of an index.
  const bytes = catalogId.length + 40;
  if (table === 'user_attributes')
    return EMPTY_TABLE_BYTES + rows * mostRowBytes(bytes + 2 * INDEX_FACTOR * ATTRIBUTE_BYTES, bytes);
  return EMPTY_TABLE_BYTES + rows * mostRowBytes(bytes, bytes);
}

export function mostTableBytes(catalogId: string, usage: CatalogUsage): CatalogUsage['tableBytes'] {
  const catalog = catalogId.length + 8;
  const { users, itemRows, models, artifactBytes, userIdBytes } = usage;
  const item =
    UTF8_BYTES * (LIMITS.titleLength + LIMITS.tagsPerItem * LIMITS.tagLength + LIMITS.metadataBytes + 512);
  return {
    users: EMPTY_TABLE_BYTES + users * mostRowBytes(catalog + userIdBytes + 24, catalog + userIdBytes + 8),
    items: EMPTY_TABLE_BYTES + itemRows * mostRowBytes(catalog + item, catalog + UTF8_BYTES * 512),
    models: EMPTY_TABLE_BYTES + Math.ceil(ARTIFACT_FACTOR * artifactBytes) + models * EMPTY_TABLE_BYTES,
  };
}
