import type { PoolClient } from 'pg';
import {
  LIMITS,
  MergedInto,
  traitsOf,
  type DatedInteraction,
  type InteractionFilter,
  type JsonObject,
  type UserHistory,
} from '#domain';
import type { BeforeCommit, ChangedUser } from '../changes/changed-users.js';
import type { Database } from '../connection/database.js';
import type { IdempotentWrite } from '../connection/idempotent-write.js';
import { InteractionDeletion, type DeletedInteractions } from '../interactions/interaction-deletion.js';
import { InteractionMerge, type MergedBatch, type MergeOptions } from '../interactions/interaction-merge.js';
import { stageInteractions } from '../interactions/interaction-staging.js';
import { KeyedMerge } from '../interactions/keyed-merge.js';
import { MERGE_STEPS } from '../sql/interactions.sql.js';
import { requireCatalog } from './catalogs.repository.js';

export interface WriteOptions extends Partial<MergeOptions> {
  readonly idempotent?: IdempotentWrite<MergedBatch> | undefined;
}

export interface DeleteOptions {
  readonly beforeCommit?: BeforeCommit | undefined;
  readonly idempotent?: IdempotentWrite<DeletedInteractions> | undefined;
}

export class InteractionsRepository {
  constructor(private readonly database: Database) {}

  /** Stores a batch whole or not at all; what is stored already counts as a duplicate. */
  async record(
    catalogId: string,
    interactions: readonly DatedInteraction[],
    options: WriteOptions = {},
  ): Promise<MergedBatch & { readonly changedUsers: readonly ChangedUser[] }> {
    const store = async (client: PoolClient) => {
      await requireCatalog(client, catalogId);
      const merge = { list: 'interactions', ...options };
      const merged = await new KeyedMerge(client, catalogId, interactions, merge).run();
      if (merged) return merged;
      const staged = await stageInteractions(client, interactions);
      return new InteractionMerge(client, catalogId, staged, merge).run();
    };
    const result = await this.database.sqlTransactionOnce(store, '', options.idempotent);
    return { ...result, changedUsers: result.changedUsers === 'many' ? [] : result.changedUsers };
  }

  /**
   * Deletes all interactions of a user that the filter means, late ones too, or none. What was counted for
   * models that recommended them stays.
   */
  async deleteOf(
    catalogId: string,
    userId: string,
    filter: InteractionFilter,
    { beforeCommit, idempotent }: DeleteOptions = {},
  ): Promise<DeletedInteractions> {
    const remove = async (client: PoolClient) => {
      await requireCatalog(client, catalogId);
      return new InteractionDeletion(client, catalogId, userId, beforeCommit).run(filter);
    };
    return this.database.sqlTransactionOnce(remove, '', idempotent);
  }

  /**
   * Histories of known users: their most recent distinct items, ascending by key, and what
   * else they have seen.
   */
  async loadHistories(catalogId: string, userIds: readonly string[]): Promise<Map<string, UserHistory>> {
    const rows = await this.#findHistories(catalogId, userIds);
    const own = rows.filter(({ into_id }) => into_id === null);
    return new Map(own.map((row) => [row.external_id, toHistory(row)]));
  }

  /** One of them; of a merged id whom it names, and null of an unknown user. */
  async loadHistory(catalogId: string, userId: string): Promise<UserHistory | MergedInto | null> {
    const rows = await this.#findHistories(catalogId, [userId]);
    // The own user of an id counts before the one that it was merged into.
    const row = rows.find(({ into_id }) => into_id === null) ?? rows[0];
    if (!row) return null;
    return row.into_id === null ? toHistory(row) : new MergedInto(row.into_id);
  }

  async #findHistories(catalogId: string, userIds: readonly string[]): Promise<HistoryRow[]> {
    const values = [catalogId, userIds, LIMITS.historyItems];
    const { rows } = await this.database.run(() =>
      this.database.pool.query<HistoryRow>(MERGE_STEPS.histories, values),
    );
    return rows;
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
  /** Whether the user has said no to personal lists. */
  readonly refused: boolean;
  /** Null where no attributes are known. */
  readonly tags: string[] | null;
  readonly metadata: JsonObject | null;
  readonly item_keys: number[];
  readonly values: number[];
  readonly repeatable: number[];
  readonly also_seen: number[];
  readonly returning_keys: number[];
  /** Null where there are no such items. */
  readonly opens_at: number[] | null;
  readonly into_id: string | null;
}

function toHistory(row: HistoryRow): UserHistory {
  const { revision, item_keys, values, repeatable, also_seen, refused, tags, metadata } = row;
  const traits = tags && metadata ? traitsOf({ tags, metadata }) : undefined;
  return {
    revision: Number(revision),
    itemKeys: Int32Array.from(item_keys),
    values: Float32Array.from(values),
    ...(repeatable.length > 0 && { repeatable: Int32Array.from(repeatable) }),
    ...(also_seen.length > 0 && { alsoSeen: Int32Array.from(also_seen) }),
    ...(row.opens_at && {
      returning: { itemKeys: Int32Array.from(row.returning_keys), at: Float64Array.from(row.opens_at) },
    }),
    ...(refused && { isRefused: true }),
    ...(traits && { traits }),
  };
}
