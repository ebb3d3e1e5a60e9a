import type { PoolClient } from 'pg';
import { LIMITS, type Interaction } from '#domain';
import { InteractionMerge, type MergedBatch, type MergeOptions } from '../interactions/interaction-merge.js';
import { stageInteractions, type StagedRows } from '../interactions/interaction-staging.js';
import type { PutImportedItems } from '../repositories/item-change.js';
import { BulkMerge, type BulkOptions } from './bulk-merge.js';
import { BulkStaging } from './bulk-staging.js';
import type { OnImportProgress } from './import-progress.js';

/** As many as a request may have are merged as those of a request: users are told of their changes. */
const MOST_ROWS_OF_A_BATCH = LIMITS.interactionsPerRequest;

export interface StagingOptions {
  readonly onProgress?: OnImportProgress | undefined;
}

interface ReadOptions extends StagingOptions {
  /** Of undated rows: a pair that comes again is no further event. */
  readonly isSet?: boolean | undefined;
  /** Whether they are staged as many in any case. */
  readonly isBulk?: boolean;
}

/** Interactions in staging tables of a connection, few of them as a batch, many of them as an import. */
export class StagedInteractions {
  private constructor(
    private readonly client: PoolClient,
    private readonly catalogId: string,
    private readonly staged: StagedRows,
    /** Whether they are many. */
    readonly isBulk: boolean,
  ) {}

  /** Reads all chunks, once, in constant memory. */
  static async read(
    client: PoolClient,
    catalogId: string,
    chunks: AsyncIterable<readonly Interaction[]>,
    { onProgress, isSet = false, isBulk = false }: ReadOptions,
  ): Promise<StagedInteractions> {
    const first: Interaction[] = [];
    let bulk = isBulk ? await BulkStaging.begin(client, catalogId) : null;
    let rows = 0;
    try {
      for await (const chunk of chunks) {
        rows += chunk.length;
        if (!bulk && rows > MOST_ROWS_OF_A_BATCH) {
          bulk = await BulkStaging.begin(client, catalogId);
          await bulk.add(first);
        }
        if (bulk) await bulk.add(chunk);
        else for (const interaction of chunk) first.push(interaction);
        onProgress?.({ phase: 'reading', rows });
      }
    } catch (error) {
      await bulk?.breakOff(error as Error);
      throw error;
    }
    const staged = bulk ? await bulk.end(isSet) : await stageInteractions(client, first, isSet);
    return new StagedInteractions(client, catalogId, staged, bulk !== null);
  }

  merge(options: BulkOptions): Promise<MergedBatch & { readonly items: PutImportedItems }> {
    const { client, catalogId, staged } = this;
    return new BulkMerge(client, catalogId, staged, options).run();
  }

  async mergeFew(options: MergeOptions): Promise<MergedBatch> {
    const { client, catalogId, staged } = this;
    return new InteractionMerge(client, catalogId, staged, options).run();
  }
}
