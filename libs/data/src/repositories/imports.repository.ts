import type { PoolClient } from 'pg';
import type { Interaction, ItemDetails } from '#domain';
import { raiseCacheEpoch } from '../changes/changed-users.js';
import { retryConflicts } from '../connection/conflicts.js';
import type { Database } from '../connection/database.js';
import type { KeyedWrite } from '../connection/keyed-write.js';
import { InteractionMerge, type MergedBatch, type MergeOptions } from '../interactions/interaction-merge.js';
import {
  stageInteractions,
  type StagedRows,
  type StagingOptions,
} from '../interactions/interaction-staging.js';
import { readStagedItems, stageItems } from '../interactions/item-staging.js';
import {
  catalogBeingDeleted,
  checkCatalogName,
  createCatalog,
  requireCatalog,
} from './catalogs.repository.js';
import { putImportedTypes, type ImportedType } from './imported-types.js';
import { ItemChange } from './item-change.js';
import type { PutItems } from './items.repository.js';

/** What an import brings: chunks of any size, each stream read once, items first. */
export interface ImportedData {
  readonly items?: AsyncIterable<readonly ItemDetails[]> | undefined;
  readonly interactions?: AsyncIterable<readonly Interaction[]> | undefined;
  /** Types that are to be there, whether a row has them or not. */
  readonly interactionTypes?: readonly ImportedType[] | undefined;
}

/** What became of an import. */
export type ImportedBatch = MergedBatch & { readonly items: PutItems };

export interface ImportOptions extends Partial<MergeOptions>, StagingOptions {
  /** Whether a catalog that does not exist is made. */
  readonly createsCatalog?: boolean;
  readonly keyed?: KeyedWrite<ImportedBatch> | undefined;
}

interface Staged {
  readonly items: number;
  readonly interactions: StagedRows;
}

export class ImportsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Stores items, interaction types and interactions, and the catalog if it is to be made, in one
   * transaction and in constant memory: everything or nothing. The streams are read once, into staging
   * tables; from there the merge is begun again when it met another writer.
   *
   * @throws DomainError `catalog-not-found`; with `createsCatalog` instead `validation-failed` for a name
   * against the rule, `catalog-being-deleted`; also `unknown-items`, `interaction-type-conflict`,
   * `too-many-interaction-types`, and whatever the streams fail with
   */
  async importAll(
    catalogId: string,
    data: ImportedData,
    options: ImportOptions = {},
  ): Promise<ImportedBatch> {
    if (options.createsCatalog) checkCatalogName(catalogId);
    const store = async (client: PoolClient) => {
      if (!options.createsCatalog) await requireCatalog(client, catalogId);
      const items = await stageItems(client, data.items ?? none());
      const interactions = await stageInteractions(client, data.interactions ?? none(), options);
      await client.query('SAVEPOINT import');
      return retryConflicts(
        () => merge(client, catalogId, { data, staged: { items, interactions }, options }),
        () => client.query('ROLLBACK TO SAVEPOINT import'),
      );
    };
    return this.database.sqlTransactionOnce(store, '', options.keyed);
  }
}

interface Merge {
  readonly data: ImportedData;
  readonly staged: Staged;
  readonly options: ImportOptions;
}

async function merge(
  client: PoolClient,
  catalogId: string,
  { data, staged, options }: Merge,
): Promise<ImportedBatch> {
  if (options.createsCatalog) {
    await createCatalog(client, catalogId);
    await requireCatalog(client, catalogId, catalogBeingDeleted);
  }
  const items = await putStagedItems(client, catalogId, staged.items);
  if (data.interactionTypes && (await putImportedTypes(client, catalogId, data.interactionTypes)))
    await raiseCacheEpoch(client, catalogId);
  const merged = new InteractionMerge(client, catalogId, staged.interactions, { list: 'rows', ...options });
  return { ...(await merged.run()), items };
}

async function putStagedItems(client: PoolClient, catalogId: string, count: number): Promise<PutItems> {
  let [created, updated] = [0, 0];
  if (count === 0) return { created, updated };
  const change = await ItemChange.begin(client, catalogId);
  for await (const items of readStagedItems(client, count)) {
    const put = await change.put(items);
    created += put.created;
    updated += put.updated;
  }
  return { created, updated };
}

async function* none(): AsyncGenerator<never> {}
