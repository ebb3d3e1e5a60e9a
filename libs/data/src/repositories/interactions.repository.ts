import type { PoolClient } from 'pg';
import { LIMITS, type DatedInteraction, type Interaction, type UserHistory } from '#domain';
import type { ChangedUser } from '../changes/changed-users.js';
import type { Database } from '../connection/database.js';
import type { KeyedWrite } from '../connection/keyed-write.js';
import { reserveApart } from '../imports/key-reservation.js';
import { StagedInteractions, type StagingOptions } from '../imports/staged-interactions.js';
import type { MergedBatch, MergeOptions } from '../interactions/interaction-merge.js';
import { MERGE_STEPS } from '../sql/interactions.sql.js';
import { requireCatalog } from './catalogs.repository.js';

const CHUNK_ROWS = 1_000;

export interface WriteOptions extends Partial<MergeOptions> {
  readonly keyed?: KeyedWrite<MergedBatch> | undefined;
}

export type ImportOptions = WriteOptions & StagingOptions;

export class InteractionsRepository {
  constructor(private readonly database: Database) {}

  /** Stores a batch whole or not at all; what is stored already counts as a duplicate. */
  async record(
    catalogId: string,
    interactions: readonly DatedInteraction[],
    options: WriteOptions = {},
  ): Promise<MergedBatch & { readonly changedUsers: readonly ChangedUser[] }> {
    const write = { list: 'interactions', ...options };
    const result = await this.#store(catalogId, toAsync([interactions]), write);
    return { ...result, changedUsers: result.changedUsers === 'many' ? [] : result.changedUsers };
  }

  /**
   * Stores a stream of any size in one transaction and constant memory; an error of the stream leaves
   * nothing behind. The stream is read once, into the staging table; from there the merge is begun again
   * when it met another writer.
   */
  async importAll(
    catalogId: string,
    interactions: AsyncIterable<Interaction>,
    options: ImportOptions = {},
  ): Promise<MergedBatch> {
    return this.#store(catalogId, inChunks(interactions), options);
  }

  #store(
    catalogId: string,
    chunks: AsyncIterable<readonly Interaction[]>,
    options: ImportOptions,
  ): Promise<MergedBatch> {
    const store = async (client: PoolClient) => {
      await requireCatalog(client, catalogId);
      const staged = await StagedInteractions.read(client, catalogId, chunks, options);
      const merge = { list: 'rows', ...options };
      if (!staged.isBulk) return staged.mergeFew(merge);
      const { items: _, ...batch } = await staged.merge({
        ...merge,
        reserveKeys: reserveApart(this.database, catalogId),
      });
      return batch;
    };
    return this.database.sqlTransactionOnce(store, '', options.keyed);
  }

  /**
   * Histories of known users: their most recent distinct items, ascending by key, and what
   * else they have seen.
   */
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
}

interface HistoryRow {
  readonly external_id: string;
  readonly revision: string;
  readonly item_keys: number[];
  readonly values: number[];
  readonly repeatable: number[];
  readonly also_seen: number[];
}

async function* toAsync<Element>(elements: readonly Element[]): AsyncGenerator<Element> {
  yield* elements;
  await Promise.resolve();
}

async function* inChunks(interactions: AsyncIterable<Interaction>): AsyncGenerator<readonly Interaction[]> {
  let chunk: Interaction[] = [];
  for await (const interaction of interactions) {
    chunk.push(interaction);
    if (chunk.length < CHUNK_ROWS) continue;
    yield chunk;
    chunk = [];
  }
  yield chunk;
}
