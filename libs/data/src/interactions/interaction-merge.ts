import type { PoolClient } from 'pg';
import { LIMITS, type OnInvalid, type RefusedRows, type StoredBatch } from '#domain';
import {
  changeUsers,
  MAX_TOLD_USERS,
  publish,
  type BeforeCommit,
  type ChangedUser,
} from '../changes/changed-users.js';
import { LIMIT_LOCK_WAIT } from '../connection/conflicts.js';
import { tooManyInteractionTypes } from '../repositories/interaction-types.repository.js';
import { MERGE_STEPS, storeStaged } from '../sql/interactions.sql.js';
import { ANALYZED_ROWS, type StagedRows } from './interaction-staging.js';
import { attemptMerge, mergedMeanwhile, tellOrRaiseEpoch } from './merge-attempts.js';
import { unknownItemRows, unknownItems } from './refused-rows.js';

/** What became of a batch, and whose histories it changed. */
export type MergedBatch = StoredBatch & {
  readonly changedUsers: 'many' | readonly ChangedUser[];
  /** Rows with items that the catalog does not know, and refuses; absent: none were to be left out. */
  readonly refused?: RefusedRows;
};

export interface MergeOptions {
  readonly beforeCommit?: BeforeCommit | undefined;
  /** Absent: `refuse`. */
  readonly onInvalid?: OnInvalid | undefined;
  /** Name of the list of rows in pointers to refused ones. */
  readonly list: string;
}

const NONE: RefusedRows = { count: 0, rows: [] };

interface Newcomers {
  readonly users: boolean;
  readonly items: boolean;
  readonly types: boolean;
  /** Whether the catalog refuses unknown items. */
  readonly refuses: boolean | null;
  /** Whether it may have merged ids. */
  readonly hasMerged: boolean;
}

/** Moves rows from the staging table to the tables. */
export class InteractionMerge {
  /** A large batch changes more users than are told, as a rule; undated rows are dated by the catalog. */
  readonly #locksCatalog: boolean;
  #refused = NONE;

  constructor(
    private readonly client: PoolClient,
    private readonly catalogId: string,
    private readonly staged: StagedRows,
    private readonly options: MergeOptions,
  ) {
    const isLarge = staged.rows > MAX_TOLD_USERS;
    this.#locksCatalog = !options.beforeCommit || isLarge || staged.undated !== undefined;
  }

  run(): Promise<MergedBatch> {
    return attemptMerge(this.client, this.#locksCatalog, (locks) => this.#merge(locks));
  }

  async #merge(locksCatalog: boolean): Promise<MergedBatch> {
    this.#refused = NONE;
    let newcomers = await this.#findNewcomers();
    const holdsCatalog = hasAny(newcomers) || locksCatalog;
    if (holdsCatalog) {
      await this.#query(MERGE_STEPS.lockCatalog);
      await this.client.query(LIMIT_LOCK_WAIT);
      // Once more, since before the lock the setting may have changed, or a user have been merged.
      if (newcomers.items || newcomers.users) newcomers = await this.#findNewcomers();
      if (newcomers.users && newcomers.hasMerged && (await this.#followMerged()))
        newcomers = await this.#findNewcomers();
    }
    const dates = this.staged.undated ? [await this.#undatedSince()] : [];
    const [locked] = await this.#query<{ has_late: boolean }>(MERGE_STEPS.lockItems);
    if (hasAny(newcomers)) await this.#add(newcomers);
    const store = storeStaged({ ...this.staged, hasLate: locked?.has_late ?? false });
    const stored = Number((await this.client.query(store, [this.catalogId, ...dates])).rowCount);
    const merged = this.staged.undated === 'set' ? await this.#countMerged() : 0;
    const changed = await changeUsers(this.client, MERGE_STEPS.changedUsers, [this.catalogId]);
    if ((await this.#first<{ gone: boolean }>(MERGE_STEPS.lockUsers)).gone) throw mergedMeanwhile();
    const { catalogId, options } = this;
    await tellOrRaiseEpoch(this.client, changed, { ...options, catalogId, holdsCatalog });
    const changedUsers = changed.length > MAX_TOLD_USERS ? 'many' : changed;
    const duplicates = this.staged.rows - this.#refused.count - merged - stored;
    const isSkipping = this.options.onInvalid === 'skip';
    return { stored, duplicates, merged, changedUsers, ...(isSkipping && { refused: this.#refused }) };
  }

  /** Whom the catalog does not know, without what it refuses. */
  async #findNewcomers(): Promise<Newcomers> {
    const found = await this.#first<Newcomers>(MERGE_STEPS.newcomers);
    if (!found.items || !found.refuses) return found;
    await this.#refuseUnknownItems();
    return this.#first<Newcomers>(MERGE_STEPS.newcomers);
  }

  async #refuseUnknownItems(): Promise<void> {
    const { rows } = await this.client.query<{ position: number; count: number }>(MERGE_STEPS.unknownRows, [
      this.catalogId,
      LIMITS.refusedRows,
    ]);
    const refused = unknownItemRows(
      rows[0]?.count ?? 0,
      rows.map(({ position }) => position),
    );
    if (this.options.onInvalid !== 'skip') throw unknownItems(refused, this.options.list);
    await this.#query(MERGE_STEPS.leaveUnknownOut);
    this.#refused = refused;
  }

  /** A merged id is nobody's own, so its user is new. @returns whether there was one */
  async #followMerged(): Promise<boolean> {
    return (await this.client.query(MERGE_STEPS.followMerged, [this.catalogId])).rowCount !== 0;
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

  /** Of a query that always has one row. */
  async #first<Row extends object>(sql: string): Promise<Row> {
    return (await this.#query<Row>(sql))[0]!;
  }

  async #query<Row extends object>(sql: string): Promise<Row[]> {
    return (await this.client.query<Row>(sql, [this.catalogId])).rows;
  }
}

function hasAny({ users, items, types }: Pick<Newcomers, 'users' | 'items' | 'types'>): boolean {
  return users || items || types;
}
