import type { PoolClient } from 'pg';
import { DomainError, LIMITS, type RefusedRows } from '#domain';
import { changeUsers, publish } from '../changes/changed-users.js';
import { retryConflicts } from '../connection/conflicts.js';
import type { MergedBatch, MergeOptions } from '../interactions/interaction-merge.js';
import { unknownItemRows, unknownItems } from '../interactions/refused-rows.js';
import { moveUsers, type Unmoved } from '../people/user-move.js';
import { putImportedTypes, type ImportedType } from '../repositories/imported-types.js';
import { tooManyInteractionTypes } from '../repositories/interaction-types.repository.js';
import { MOVE_INTERACTIONS, type PutImportedItems } from '../repositories/item-change.js';
import { BULK_STEPS, keepFreshRows, storeFreshRows, storeRows, type BulkQuery } from '../sql/bulk.sql.js';
import { COUNT_FRESH_ROWS } from '../sql/interactions.sql.js';
import { TYPE_KEY_GAP } from '../sql/type-keys.sql.js';
import type { BulkRows } from './bulk-staging.js';
import { hearStored, type OnImportProgress } from './import-progress.js';
import type { ReserveKeys, ReservedKeys } from './key-reservation.js';

/**
 * Sorts and joins of an import are large; those of other transactions are not. The server looks whether the
 * process is still there: it would go on to the end for one that was killed, and hold up the next import.
 */
const SETTINGS = `SET LOCAL work_mem = 65536; SET LOCAL jit = off; SET LOCAL lock_timeout = 0;
  SET LOCAL client_connection_check_interval = 1000`;
const NONE: RefusedRows = { count: 0, rows: [] };
const NO_ITEMS: Put = { count: 0, created: 0, deleted: 0, moreDeleted: 0, hasChangedUsers: false };
const UNIQUE_VIOLATION = '23505';

interface Facts {
  /** Whether the catalog refuses unknown items. */
  readonly refuses: boolean;
  readonly hasRows: boolean;
  /** How many merges of users there were. */
  readonly merges: number;
}

export interface BulkOptions extends MergeOptions {
  readonly reserveKeys: ReserveKeys;
  readonly onProgress?: OnImportProgress | undefined;
  /** Staged items that are put. */
  readonly items?: number;
  readonly interactionTypes?: readonly ImportedType[] | undefined;
}

/** New rows. */
interface Added {
  readonly users: number;
  readonly items: number;
}

/** What has become of items that are put. */
interface Put {
  readonly count: number;
  readonly created: number;
  readonly deleted: number;
  /** By how many there are more deleted items than before. */
  readonly moreDeleted: number;
  readonly hasChangedUsers: boolean;
}

interface Finish {
  readonly added: Added;
  readonly put: Put;
  readonly facts: Facts;
  readonly hasStored: boolean;
  readonly hasChanged: boolean;
}

interface Finished {
  readonly itemRevision: string;
  readonly cacheEpoch: number;
  readonly refuses: boolean;
  readonly merges: number;
}

/**
 * Moves an import from its staging tables to the tables. It does not hold the catalog meanwhile, so that
 * batches go on: it locks the catalog at its end, for moments. Only who brings a user or an item that the
 * import is making waits for it. Users are not told one by one: the cache epoch of the catalog is raised.
 */
export class BulkMerge {
  #refused = NONE;
  /** Whether another writer was met; it may have stored one of the rows. */
  #hasMet = false;
  #keys: ReservedKeys | null = null;

  constructor(
    private readonly client: PoolClient,
    private readonly catalogId: string,
    private readonly staged: BulkRows,
    private readonly options: BulkOptions,
  ) {}

  async run(): Promise<MergedBatch & { readonly items: PutImportedItems }> {
    await this.client.query(SETTINGS);
    await this.client.query('ANALYZE staged_users, staged_items');
    const { client, options } = this;
    options.onProgress?.({ phase: 'sorting', rows: 0 });
    return hearStored(client, options.onProgress, async () => {
      await client.query('SAVEPOINT merge');
      return retryConflicts(
        () => this.#merge().catch((error: unknown) => this.#throwConflict(error)),
        () => client.query('ROLLBACK TO SAVEPOINT merge'),
      );
    });
  }

  #throwConflict(error: unknown): never {
    this.#hasMet = true;
    const isTaken = error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION;
    throw isTaken ? conflict(error) : error;
  }

  async #merge(): Promise<MergedBatch & { readonly items: PutImportedItems }> {
    this.#refused = NONE;
    const facts = await this.#first<Facts>(BULK_STEPS.facts);
    if (facts.merges > 0) await this.#query(BULK_STEPS.followMerged);
    if (facts.refuses) await this.#refuseUnknownItems();
    const hasOtherTypes = await this.#addTypes();
    const added = await this.#addNames();
    const put = (this.options.items ?? 0) > 0 ? await this.#putItems() : NO_ITEMS;
    await this.#findKeys();
    const query = await this.#describeQuery(facts);
    const { stored, late } = await this.#store(query);
    const merged = this.staged.undated === 'set' ? await this.#countMerged() : 0;
    const hasChanged = stored > 0 || hasOtherTypes || put.hasChangedUsers;
    const hasStored = stored + late > 0;
    const dropped = await this.#finish({ added, put, facts, hasStored, hasChanged });
    const duplicates = this.staged.rows - this.#refused.count - merged - stored - late + dropped;
    const isSkipping = this.options.onInvalid === 'skip';
    return {
      ...{ stored: stored + late - dropped, duplicates, merged, changedUsers: stored > 0 ? 'many' : [] },
      items: { created: put.created, updated: put.count - put.created - put.deleted, deleted: put.deleted },
      ...(isSkipping && { refused: this.#refused }),
    };
  }

  async #refuseUnknownItems(): Promise<void> {
    const rows = await this.#query<{ position: number; count: number }>(
      BULK_STEPS.unknownRows,
      LIMITS.refusedRows,
    );
    if (rows.length === 0) return;
    const positions = rows.map(({ position }) => position);
    const refused = unknownItemRows(rows[0]!.count, positions);
    if (this.options.onInvalid !== 'skip') throw unknownItems(refused, this.options.list);
    await this.#query(BULK_STEPS.leaveUnknownOut);
    for (const step of [BULK_STEPS.dropUnusedUsers, BULK_STEPS.dropUnusedItems, BULK_STEPS.dropUnusedTypes])
      await this.client.query(step);
    this.#refused = refused;
  }

  /** @returns whether a known type counts differently from now on */
  async #addTypes(): Promise<boolean> {
    const { client, catalogId, options } = this;
    const types = options.interactionTypes ?? [];
    const hasChanged = await putImportedTypes(client, catalogId, types, TYPE_KEY_GAP);
    await this.#query(BULK_STEPS.addTypes);
    await this.#checkTypes();
    return hasChanged;
  }

  async #checkTypes(): Promise<void> {
    const { count } = await this.#first<{ count: number }>(BULK_STEPS.countTypes);
    if (count > LIMITS.interactionTypesPerCatalog) throw tooManyInteractionTypes(this.catalogId);
  }

  /** Hands out keys in the order of first appearance. */
  async #addNames(): Promise<Added> {
    const hasItems = (this.options.items ?? 0) > 0;
    if (hasItems)
      for (const step of [BULK_STEPS.dropRepeatedItems, BULK_STEPS.namePutItems])
        await this.client.query(step);
    const [users, items] = [
      await this.#count(BULK_STEPS.freshUsers),
      await this.#count(BULK_STEPS.freshItems),
    ];
    const hasUndated = this.staged.undated !== undefined;
    if (users + items === 0 && !hasUndated && !hasItems) return { users, items };
    const keys = await this.options.reserveKeys({ users, items, hasUndated });
    this.#keys = keys;
    const added = {
      users: await this.#count(BULK_STEPS.addUsers, keys.users),
      items: await this.#count(BULK_STEPS.addItems, keys.items, keys.itemRevision),
    };
    await this.client.query('ANALYZE users, items');
    return added;
  }

  async #putItems(): Promise<Put> {
    const moving = await this.#query<{ item_key: number; returns: boolean }>(BULK_STEPS.lockMoving);
    const { rows } = await this.client.query<{ created: number; deleted: number }>(BULK_STEPS.countPut);
    const count = await this.#count(BULK_STEPS.putItems, this.#keys?.itemRevision);
    const [gone, back] = [false, true].map((returns) =>
      moving.filter((item) => item.returns === returns).map(({ item_key }) => item_key),
    ) as [number[], number[]];
    const changed =
      moving.length > 0
        ? await changeUsers(this.client, MOVE_INTERACTIONS, [this.catalogId, gone, back])
        : [];
    const { created, deleted } = rows[0]!;
    const hasChangedUsers = changed.length > 0;
    const moreDeleted = gone.length - back.length;
    return { count, created: created + back.length, deleted, moreDeleted, hasChangedUsers };
  }

  async #findKeys(): Promise<void> {
    await this.#query(BULK_STEPS.itemKeys);
    await this.#query(BULK_STEPS.userKeys);
    await this.#query(BULK_STEPS.typeKeys);
    const { hasAll } = (await this.client.query<{ hasAll: boolean }>(BULK_STEPS.hasAllKeys)).rows[0]!;
    if (!hasAll) throw conflict();
    await this.client.query('ANALYZE user_keys, item_keys, type_keys');
  }

  async #describeQuery({ hasRows }: Facts): Promise<BulkQuery> {
    const { rows } = await this.client.query<{ hasLate: boolean }>(BULK_STEPS.hasLate);
    const { undated } = this.staged;
    if (hasRows) await this.client.query('ANALYZE staged_rows (user_number, item_number)');
    return { undated, mayRepeat: hasRows || this.#hasMet, hasLate: rows[0]!.hasLate };
  }

  async #store(query: BulkQuery): Promise<{ readonly stored: number; readonly late: number }> {
    const dates = query.undated ? [this.#keys?.undatedSince] : [];
    const insertion = { isAlone: !this.#hasMet, tells: this.options.onProgress !== undefined };
    if (!this.staged.isAttributed && !query.hasLate)
      return { stored: await this.#count(storeRows(query, insertion), ...dates), late: 0 };
    await this.#query(keepFreshRows(query), ...dates);
    const stored = await this.#count(storeFreshRows(false, insertion));
    const late = query.hasLate ? await this.#count(storeFreshRows(true, insertion)) : 0;
    if (this.staged.isAttributed) await this.#query(COUNT_FRESH_ROWS);
    return { stored, late };
  }

  async #countMerged(): Promise<number> {
    const { rows } = await this.client.query<{ pairs: string }>(BULK_STEPS.countPairs);
    return this.staged.rows - this.#refused.count - Number(rows[0]?.pairs);
  }

  /** Locks the catalog. @returns how many rows were there already, of users who were merged meanwhile */
  async #finish({ added, put, facts, hasStored, hasChanged }: Finish): Promise<number> {
    const { users, items } = added;
    const revision = items + put.count > 0 ? this.#keys?.itemRevision : null;
    if (users === 0 && revision === null && !hasChanged && !hasStored) return 0;
    const values = [users, items, revision, hasChanged, put.moreDeleted];
    const [now] = await this.#query<Finished>(BULK_STEPS.finish, ...values);
    // As if it had come after the change of the setting, and after types that others have made.
    if (now!.refuses && !facts.refuses) throw conflict();
    await this.#checkTypes();
    if (revision !== null) await this.#publishItems(now!.itemRevision);
    const { catalogId } = this;
    const { cacheEpoch } = now!;
    if (hasChanged) await publish(this.client, { kind: 'cache-epoch-changed', catalogId, cacheEpoch });
    return now!.merges === facts.merges ? 0 : this.#followMerges();
  }

  /**
   * A merge does not see what an import stores, nor users that it makes; so the import moves its own rows.
   * The catalog is locked: no merge comes in between.
   */
  async #followMerges(): Promise<number> {
    const users = await this.#query<Unmoved>(BULK_STEPS.mergedMeanwhile);
    return moveUsers(this.client, this.catalogId, users);
  }

  async #publishItems(revision: string): Promise<void> {
    const reserved = this.#keys?.itemRevision;
    if (revision !== reserved) await this.#query(BULK_STEPS.reviseItems, revision, reserved);
    const { catalogId } = this;
    await publish(this.client, { kind: 'items-changed', catalogId, revision: Number(revision) });
  }

  async #count(sql: string, ...values: readonly unknown[]): Promise<number> {
    return Number((await this.client.query(sql, [this.catalogId, ...values])).rowCount);
  }

  /** Of a query that always has one row. */
  async #first<Row extends object>(sql: string): Promise<Row> {
    return (await this.#query<Row>(sql))[0]!;
  }

  async #query<Row extends object>(sql: string, ...values: readonly unknown[]): Promise<Row[]> {
    return (await this.client.query<Row>(sql, [this.catalogId, ...values])).rows;
  }
}

function conflict(cause?: unknown): DomainError {
  return new DomainError('write-conflict', 'Another call wrote the same rows; nothing was stored', { cause });
}
