import { LIMITS, type StoredBatch } from '@app/domain';
import type { PoolClient } from 'pg';
import {
  changeUsers,
  MAX_TOLD_USERS,
  publish,
  raiseCacheEpoch,
  tellUsers,
  type BeforeCommit,
  type ChangedUser,
} from './changed-users.js';
import { retryConflicts } from './conflicts.js';
import { ANALYZED_ROWS, type StagedRows } from './interaction-staging.js';
import { tooManyInteractionTypes } from './interaction-types.repository.js';
import { MERGE_STEPS, storeStaged } from './interactions.sql.js';

/** What became of a batch, and whose histories it changed. */
export type MergedBatch = StoredBatch & { readonly changedUsers: 'many' | readonly ChangedUser[] };

interface Newcomers {
  readonly users: boolean;
  readonly items: boolean;
  readonly types: boolean;
}

/** Thrown within a merge that does not hold the catalog, and has to. */
class CatalogNeeded extends Error {}

/**
 * Moves rows from the staging table to the tables. All writers lock in one order: the catalog, items, interactions, models,
 * users, rows of a kind by their key. So the catalog is locked first or not at all: a merge that finds at its end that caches
 * could not be told, and that the catalog's epoch has to be raised, begins again.
 */
export class InteractionMerge {
  /** A large batch changes more users than are told, as a rule; undated rows are dated by the catalog. */
  #locksCatalog: boolean;

  constructor(
    private readonly client: PoolClient,
    private readonly catalogId: string,
    private readonly staged: StagedRows,
    private readonly options: { readonly beforeCommit?: BeforeCommit },
  ) {
    const isLarge = staged.rows > MAX_TOLD_USERS;
    this.#locksCatalog = !options.beforeCommit || isLarge || staged.undated !== undefined;
  }

  async run(): Promise<MergedBatch> {
    await this.client.query('SAVEPOINT merge');
    const undo = () => this.client.query('ROLLBACK TO SAVEPOINT merge');
    const merge = () => retryConflicts(() => this.#merge(), undo);
    return merge().catch(async (error: unknown) => {
      if (!(error instanceof CatalogNeeded)) throw error;
      this.#locksCatalog = true;
      await undo();
      return merge();
    });
  }

  async #merge(): Promise<MergedBatch> {
    const newcomers = await this.#findNewcomers();
    const hasNewcomers = newcomers.users || newcomers.items || newcomers.types;
    const holdsCatalog = hasNewcomers || this.#locksCatalog;
    if (holdsCatalog) await this.#query(MERGE_STEPS.lockCatalog);
    const dates = this.staged.undated ? [await this.#undatedSince()] : [];
    const [held] = await this.#query<{ has_late: boolean }>(MERGE_STEPS.lockItems);
    if (hasNewcomers) await this.#add(newcomers);
    const store = storeStaged({ ...this.staged, hasLate: held?.has_late ?? false });
    const stored = Number((await this.client.query(store, [this.catalogId, ...dates])).rowCount);
    const merged = this.staged.undated === 'set' ? await this.#countMerged() : 0;
    const changed = await changeUsers(this.client, MERGE_STEPS.changedUsers, [this.catalogId]);
    await this.#tell(changed, holdsCatalog);
    const changedUsers = changed.length > MAX_TOLD_USERS ? 'many' : changed;
    return { stored, duplicates: this.staged.rows - merged - stored, merged, changedUsers };
  }

  async #findNewcomers(): Promise<Newcomers> {
    const [found] = await this.#query<Newcomers>(MERGE_STEPS.newcomers);
    return found ?? { users: false, items: false, types: false };
  }

  /** Hands out keys in the order of first appearance. */
  async #add({ users, items, types }: Newcomers): Promise<void> {
    if (types) await this.#addTypes();
    if (users) await this.#query(MERGE_STEPS.addUsers);
    if (items) await this.#addItems();
    if (this.staged.rows >= ANALYZED_ROWS) await this.client.query('ANALYZE users, items');
  }

  async #addTypes(): Promise<void> {
    await this.#query(MERGE_STEPS.addTypes);
    const [types] = await this.#query<{ count: number }>(MERGE_STEPS.countTypes);
    if ((types?.count ?? 0) > LIMITS.interactionTypesPerCatalog)
      throw tooManyInteractionTypes(this.catalogId);
  }

  async #addItems(): Promise<void> {
    const [added] = await this.#query<{ item_revision: string }>(MERGE_STEPS.addItems);
    const revision = Number(added?.item_revision);
    await publish(this.client, { kind: 'items-changed', catalogId: this.catalogId, revision });
  }

  async #undatedSince(): Promise<Date | undefined> {
    const values = [this.catalogId, new Date()];
    const { rows } = await this.client.query<{ undated_since: Date }>(MERGE_STEPS.setUndatedSince, values);
    return rows[0]?.undated_since;
  }

  async #countMerged(): Promise<number> {
    const { rows } = await this.client.query<{ count: string }>(MERGE_STEPS.countMerged);
    return Number(rows[0]?.count);
  }

  async #tell(changed: readonly ChangedUser[], holdsCatalog: boolean): Promise<void> {
    if (await tellUsers(changed, this.options.beforeCommit)) return;
    if (!holdsCatalog) throw new CatalogNeeded();
    await raiseCacheEpoch(this.client, this.catalogId);
  }

  async #query<Row extends object>(sql: string): Promise<Row[]> {
    return (await this.client.query<Row>(sql, [this.catalogId])).rows;
  }
}
