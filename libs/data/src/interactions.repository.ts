import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { DomainError, LIMITS, type Interaction, type StoredBatch, type UserHistory } from '@app/domain';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { BinaryCopyWriter } from './binary-copy.js';
import { NOTIFY_SQL, type CatalogChange } from './catalog-change.js';
import { catalogNotFound, HOLD_CATALOG } from './catalogs.repository.js';
import type { Database } from './database.js';
import { tooManyInteractionTypes } from './interaction-types.repository.js';
import { CREATE_STAGING, MERGE_STEPS } from './interactions.sql.js';

/** A user whose stored history changed. */
export interface ChangedUser {
  readonly userId: string;
  readonly userKey: number;
  readonly revision: number;
}

/** Told in the transaction, before it commits; false when caches could not be told. */
export type BeforeCommit = (changed: readonly ChangedUser[]) => Promise<boolean>;

export interface ImportOptions {
  readonly beforeCommit?: BeforeCommit;
  readonly onProgress?: (rows: number) => void;
}

/** Above this many changed users all cached users of the catalog are given up instead. */
const MAX_TOLD_USERS = 10_000;
const COPY_CHUNK_BYTES = 60 * 1024;
/** From here on the planner needs to know how large the tables have become within the transaction. */
const ANALYZED_ROWS = 1_000;
const ATTEMPTS = 5;
const SERIALIZATION_FAILURES = new Set(['40001', '40P01']);

export class InteractionsRepository {
  constructor(private readonly database: Database) {}

  /** Stores a batch whole or not at all; what is stored already counts as a duplicate. */
  async record(
    catalogId: string,
    interactions: readonly Interaction[],
    beforeCommit?: BeforeCommit,
  ): Promise<StoredBatch & { readonly changedUsers: readonly ChangedUser[] }> {
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await this.importAll(
          catalogId,
          toAsync(interactions),
          beforeCommit ? { beforeCommit } : {},
        );
        return { ...result, changedUsers: result.changedUsers === 'many' ? [] : result.changedUsers };
      } catch (error) {
        if (attempt === ATTEMPTS || !isSerializationFailure(error)) throw error;
      }
    }
  }

  /** Stores a stream of any size in one transaction and constant memory; an error of the stream leaves nothing behind. */
  async importAll(
    catalogId: string,
    interactions: AsyncIterable<Interaction>,
    options: ImportOptions = {},
  ): Promise<StoredBatch & { readonly changedUsers: 'many' | readonly ChangedUser[] }> {
    return this.database.sqlTransaction(async (client) => {
      await requireCatalog(client, catalogId);
      await client.query(CREATE_STAGING);
      const { rows, isAttributed } = await copyToStaging(client, interactions, options.onProgress);
      if (rows >= ANALYZED_ROWS) await client.query('ANALYZE staged_interactions');
      await addTypes(client, catalogId);
      const hasNewcomers = await addUsersAndItems(client, catalogId);
      if (hasNewcomers && rows >= ANALYZED_ROWS) await client.query('ANALYZE users, items');
      const insert = isAttributed ? MERGE_STEPS.attributedInteractions : MERGE_STEPS.interactions;
      const stored = Number((await client.query(insert, [catalogId])).rowCount);
      const changedUsers = await this.#tellChangedUsers(client, catalogId, options.beforeCommit);
      return { stored, duplicates: rows - stored, changedUsers };
    });
  }

  /** Histories of known users: their most recent distinct items, ascending by key, and what else they have seen. */
  async loadHistories(catalogId: string, userIds: readonly string[]): Promise<Map<string, UserHistory>> {
    const histories = new Map<string, UserHistory>();
    const { rows } = await this.database.run(() =>
      this.database.pool.query<HistoryRow>(MERGE_STEPS.histories, [catalogId, userIds, LIMITS.historyItems]),
    );
    for (const row of rows) {
      histories.set(row.external_id, {
        revision: Number(row.revision),
        itemKeys: Int32Array.from(row.item_keys),
        values: Float32Array.from(row.values),
        ...(row.repeatable.length > 0 && { repeatable: Int32Array.from(row.repeatable) }),
        ...(row.also_seen.length > 0 && { alsoSeen: Int32Array.from(row.also_seen) }),
      });
    }
    return histories;
  }

  async isEmpty(catalogId: string): Promise<boolean> {
    const row = await this.database.run((prisma) =>
      prisma.interaction.findFirst({ where: { catalogId }, select: { userKey: true } }),
    );
    return row === null;
  }

  async #tellChangedUsers(
    client: PoolClient,
    catalogId: string,
    beforeCommit?: BeforeCommit,
  ): Promise<'many' | ChangedUser[]> {
    const { rows } = await client.query<{ external_id: string; user_key: number; revision: string }>(
      MERGE_STEPS.changedUsers,
      [catalogId],
    );
    const changed = rows.map((row) => ({
      userId: row.external_id,
      userKey: row.user_key,
      revision: Number(row.revision),
    }));
    const isTold =
      changed.length <= MAX_TOLD_USERS &&
      (changed.length === 0 || !beforeCommit || (await beforeCommit(changed)));
    if (!isTold) await bumpCacheEpoch(client, catalogId);
    return changed.length > MAX_TOLD_USERS ? 'many' : changed;
  }
}

interface HistoryRow {
  readonly external_id: string;
  readonly revision: string;
  readonly item_keys: number[];
  readonly values: number[];
  readonly repeatable: number[];
  readonly also_seen: number[];
}

async function* toAsync(interactions: readonly Interaction[]): AsyncGenerator<Interaction> {
  yield* interactions;
  await Promise.resolve();
}

async function requireCatalog(client: PoolClient, catalogId: string): Promise<void> {
  const { rowCount } = await client.query(HOLD_CATALOG, [catalogId]);
  if (rowCount === 0) throw catalogNotFound(catalogId);
}

/** @returns number of rows copied, and whether any came of a recommendation */
async function copyToStaging(
  client: PoolClient,
  interactions: AsyncIterable<Interaction>,
  onProgress?: (rows: number) => void,
): Promise<{ readonly rows: number; readonly isAttributed: boolean }> {
  const stream = client.query(copyFrom('COPY staged_interactions FROM STDIN (FORMAT binary)'));
  const writer = new BinaryCopyWriter();
  let [rows, isAttributed] = [0, false];
  try {
    for await (const interaction of interactions) {
      appendRow(writer, rows++, interaction);
      isAttributed ||= interaction.recommendedBy !== undefined;
      if (writer.length < COPY_CHUNK_BYTES) continue;
      if (!stream.write(writer.take())) await Promise.race([once(stream, 'drain'), finished(stream)]);
      onProgress?.(rows);
    }
  } catch (error) {
    stream.destroy(error as Error);
    await finished(stream).catch(() => undefined);
    throw error;
  }
  stream.end(writer.end());
  await finished(stream);
  return { rows, isAttributed };
}

function appendRow(writer: BinaryCopyWriter, position: number, interaction: Interaction): void {
  writer.startRow(9);
  writer.int32(position);
  writer.text(interaction.userId);
  writer.text(interaction.itemId);
  writer.text(interaction.type);
  writer.float32(interaction.weight);
  writer.timestamp(interaction.occurredAt);
  appendRecommendation(writer, interaction.recommendedBy);
}

function appendRecommendation(writer: BinaryCopyWriter, recommendedBy: Interaction['recommendedBy']): void {
  if (!recommendedBy) {
    for (let field = 0; field < 3; field++) writer.null();
    return;
  }
  writer.text(recommendedBy.modelId);
  writer.timestamp(recommendedBy.issuedAt);
  // PostgreSQL's integers have a sign.
  writer.int32(recommendedBy.number | 0);
}

/** Types are few: one statement finds new ones, and only then is the catalog locked. */
async function addTypes(client: PoolClient, catalogId: string): Promise<void> {
  const { rowCount } = await client.query(MERGE_STEPS.newTypes, [catalogId]);
  if (rowCount === 0) return;
  await client.query(MERGE_STEPS.lockCatalog, [catalogId]);
  await client.query(MERGE_STEPS.addTypes, [catalogId]);
  const { rows } = await client.query<{ count: number }>(MERGE_STEPS.countTypes, [catalogId]);
  if ((rows[0]?.count ?? 0) > LIMITS.interactionTypesPerCatalog) {
    throw tooManyInteractionTypes(catalogId);
  }
}

/** Hands out keys in the order of first appearance. The catalog is locked only when there is someone new. @returns whether there was */
async function addUsersAndItems(client: PoolClient, catalogId: string): Promise<boolean> {
  const { rows } = await client.query<{ users: boolean; items: boolean }>(MERGE_STEPS.newcomers, [catalogId]);
  if (!rows[0]?.users && !rows[0]?.items) return false;
  await client.query(MERGE_STEPS.lockCatalog, [catalogId]);
  await client.query(MERGE_STEPS.addUsers, [catalogId]);
  if (!rows[0].items) return true;
  const added = await client.query<{ item_revision: string }>(MERGE_STEPS.addItems, [catalogId]);
  await publish(client, { kind: 'items-changed', catalogId, revision: Number(added.rows[0]?.item_revision) });
  return true;
}

async function bumpCacheEpoch(client: PoolClient, catalogId: string): Promise<void> {
  const { rows } = await client.query<{ cache_epoch: number }>(
    'UPDATE catalogs SET cache_epoch = cache_epoch + 1 WHERE id = $1 RETURNING cache_epoch',
    [catalogId],
  );
  await publish(client, { kind: 'cache-epoch-changed', catalogId, cacheEpoch: rows[0]?.cache_epoch ?? 0 });
}

async function publish(client: PoolClient, change: CatalogChange): Promise<void> {
  await client.query(NOTIFY_SQL, [JSON.stringify(change)]);
}

function isSerializationFailure(error: unknown): boolean {
  const root = error instanceof DomainError ? error.cause : error;
  return root instanceof Error && 'code' in root && SERIALIZATION_FAILURES.has(String(root.code));
}
