import type { PoolClient } from 'pg';
import { LIMITS, type ImportedItem, type ImportedUser, type Interaction, type RefusedRows } from '#domain';
import { raiseCacheEpoch } from '../changes/changed-users.js';
import { BOUND_LOCK_WAIT, retryConflicts } from '../connection/conflicts.js';
import type { Database } from '../connection/database.js';
import type { IdempotentWrite } from '../connection/idempotent-write.js';
import type { BulkOptions } from '../imports/bulk-merge.js';
import { checkImport, type CheckedImport } from '../imports/import-check.js';
import { readStagedItems, stageItems } from '../imports/item-staging.js';
import { reserveApart, reserveWithin } from '../imports/key-reservation.js';
import { putSettings, type ImportedSettings } from '../imports/settings-change.js';
import { StagedInteractions, type StagingOptions } from '../imports/staged-interactions.js';
import { NO_USERS, stageUsers, UserImport, type PutUsers } from '../imports/user-import.js';
import type { MergedBatch, MergeOptions } from '../interactions/interaction-merge.js';
import { MERGE_STEPS } from '../sql/interactions.sql.js';
import {
  catalogBeingDeleted,
  checkCatalogName,
  createCatalog,
  requireCatalog,
} from './catalogs.repository.js';
import { putImportedTypes, type ImportedType } from './imported-types.js';
import { ItemChange, type PutImportedItems } from './item-change.js';

/** What an import brings: chunks of any size, each stream read once, items first, then users. */
export interface ImportedData {
  readonly items?: AsyncIterable<readonly ImportedItem[]> | undefined;
  readonly users?: AsyncIterable<readonly ImportedUser[]> | undefined;
  readonly interactions?: AsyncIterable<readonly Interaction[]> | undefined;
  /** Set before anything is stored. */
  readonly settings?: ImportedSettings | undefined;
  /** Types that are to be there, whether a row has them or not. */
  readonly interactionTypes?: readonly ImportedType[] | undefined;
  /** Of undated rows: a pair that comes again is no further event. */
  readonly isSet?: boolean | undefined;
}

/** What became of an import. */
export type ImportedBatch = MergedBatch & { readonly items: PutImportedItems; readonly users: PutUsers };

export interface ImportOptions extends Partial<MergeOptions>, StagingOptions {
  /** Whether a catalog that does not exist is made. */
  readonly createsCatalog?: boolean;
  readonly idempotent?: IdempotentWrite<ImportedBatch> | undefined;
}

export class ImportsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Stores settings, items, users, interaction types and interactions, and the catalog if it is to be made,
   * in one transaction and in constant memory: everything or nothing. The streams are read once, into staging
   * tables; from there the merge is begun again when it met another writer.
   *
   * @param source the data, or what makes it ready within the transaction, and so while a key is locked
   * @throws DomainError `catalog-not-found`; with `createsCatalog` instead `validation-failed` for a name
   * against the rule, `catalog-being-deleted`; also `unknown-items`, `interaction-type-conflict`,
   * `too-many-interaction-types`, and whatever the streams fail with
   */
  async importAll(
    catalogId: string,
    source: ImportedData | (() => Promise<ImportedData>),
    options: ImportOptions = {},
  ): Promise<ImportedBatch> {
    if (options.createsCatalog) checkCatalogName(catalogId);
    const store = async (client: PoolClient) => {
      if (!options.createsCatalog) await requireCatalog(client, catalogId);
      const data = typeof source === 'function' ? await source() : source;
      const items = await stageItems(client, data.items ?? none());
      const isBulk = items > LIMITS.itemsPerRequest;
      const numUsers = await stageUsers(client, data.users);
      const rows = data.interactions ?? none();
      const interactions = await StagedInteractions.read(client, catalogId, rows, {
        ...options,
        isSet: data.isSet,
        isBulk,
      });
      const isNew = options.createsCatalog === true && (await createCatalog(client, catalogId));
      if (options.createsCatalog) await requireCatalog(client, catalogId, catalogBeingDeleted);
      if (data.settings) await putSettings(client, catalogId, data.settings);
      const merge = { list: 'rows', ...options, items, interactionTypes: data.interactionTypes };
      const isHeld = isNew || data.settings !== undefined;
      const reserveKeys = isHeld ? reserveWithin(client, catalogId) : reserveApart(this.database, catalogId);
      const userImport = numUsers > 0 ? new UserImport(client, catalogId, reserveKeys) : null;
      const users = (await userImport?.run()) ?? NO_USERS;
      const merged = interactions.isBulk
        ? await interactions.merge({ ...merge, reserveKeys })
        : await mergeFew(client, catalogId, interactions, merge);
      await userImport?.finish(options.beforeCommit);
      return { ...merged, users };
    };
    return this.database.sqlTransactionOnce(store, '', options.idempotent);
  }

  /**
   * Refuses what the catalog would refuse of an import, and stores nothing. A catalog that does not exist has
   * no types and no items, and refuses none.
   *
   * @returns rows that would be left out
   * @throws DomainError `interaction-type-conflict`, `too-many-interaction-types`, `unknown-items`
   */
  async check(
    catalogId: string,
    data: CheckedImport,
    options: Pick<MergeOptions, 'onInvalid'> = {},
  ): Promise<RefusedRows> {
    const check = (client: PoolClient) => checkImport(client, catalogId, data, { list: 'rows', ...options });
    return this.database.sqlTransactionOnce(check);
  }
}

/** As requests do it: the catalog is locked first. */
async function mergeFew(
  client: PoolClient,
  catalogId: string,
  interactions: StagedInteractions,
  options: Omit<BulkOptions, 'reserveKeys'>,
): Promise<Omit<ImportedBatch, 'users'>> {
  const { items: count = 0, interactionTypes = [] } = options;
  const merge = async () => {
    if (count + interactionTypes.length > 0) await client.query(MERGE_STEPS.lockCatalog, [catalogId]);
    const items = await putStagedItems(client, catalogId, count);
    if (await putImportedTypes(client, catalogId, interactionTypes)) await raiseCacheEpoch(client, catalogId);
    return { ...(await interactions.mergeFew(options)), items };
  };
  await client.query(`${BOUND_LOCK_WAIT}; SAVEPOINT import`);
  return retryConflicts(merge, () => client.query('ROLLBACK TO SAVEPOINT import'));
}

async function putStagedItems(
  client: PoolClient,
  catalogId: string,
  count: number,
): Promise<PutImportedItems> {
  let [created, updated, deleted] = [0, 0, 0];
  if (count === 0) return { created, updated, deleted };
  const change = await ItemChange.begin(client, catalogId);
  for await (const items of readStagedItems(client, count)) {
    const put = await change.put(items);
    created += put.created;
    updated += put.updated;
    deleted += put.deleted;
  }
  return { created, updated, deleted };
}

async function* none(): AsyncGenerator<never> {}
