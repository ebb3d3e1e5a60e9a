import type { PoolClient } from 'pg';
import type { DatedInteraction } from '#domain';
import { publish, type ChangedUser } from '../changes/changed-users.js';
import { LIMIT_LOCK_WAIT } from '../connection/conflicts.js';
import { NameNumbers } from '../imports/name-numbers.js';
import { MERGE_STEPS } from '../sql/interactions.sql.js';
import { KEYED_STEPS } from '../sql/keyed.sql.js';
import { binaryArray } from '../streams/binary-array.js';
import type { MergedBatch, MergeOptions } from './interaction-merge.js';
import { attemptMerge, tellOrRaiseEpoch } from './merge-attempts.js';

/** Keys of the names of a batch, in the order of these; null of what the catalog does not know. */
interface Keys<Key extends number | null> {
  readonly users: readonly Key[];
  readonly items: readonly Key[];
  readonly types: readonly Key[];
}

interface Found extends Keys<number | null> {
  /** Whether the catalog refuses unknown items. */
  readonly refuses: boolean;
}

interface RaisedUser {
  readonly external_id: string;
  readonly user_key: number;
  readonly revision: string;
  readonly stored: number;
}

interface Stored {
  readonly stored: number;
  readonly changedUsers: readonly ChangedUser[];
}

interface KeyedRow {
  readonly user: number;
  readonly item: number;
  readonly type: number;
  readonly ms: number;
  readonly weight: number;
}

/**
 * Merges a batch without a staging table: each name is looked up once, and rows are sent with keys. Its slow
 * twin is `InteractionMerge`, which takes batches that this one does not.
 */
export class KeyedMerge {
  readonly #users: readonly number[];
  readonly #items: readonly number[];
  readonly #types: readonly number[];
  readonly #names: Readonly<Record<'users' | 'items' | 'types', readonly string[]>>;

  constructor(
    private readonly client: PoolClient,
    private readonly catalogId: string,
    private readonly rows: readonly DatedInteraction[],
    private readonly options: MergeOptions,
  ) {
    const names = { users: new NameNumbers(), items: new NameNumbers(), types: new NameNumbers() };
    this.#users = rows.map(({ userId }) => names.users.numberOf(userId));
    this.#items = rows.map(({ itemId }) => names.items.numberOf(itemId));
    this.#types = rows.map(({ type }) => names.types.numberOf(type));
    const { users, items, types } = names;
    this.#names = {
      users: users.takeFresh().names,
      items: items.takeFresh().names,
      types: types.takeFresh().names,
    };
  }

  /** @returns null when the batch brings types, deleted items or refused ones, or came of recommendations */
  async run(): Promise<MergedBatch | null> {
    if (this.rows.some(({ recommendedBy }) => recommendedBy !== undefined)) return null;
    return attemptMerge(this.client, !this.options.beforeCommit, (locks) => this.#merge(locks));
  }

  async #merge(locksCatalog: boolean): Promise<MergedBatch | null> {
    let found = await this.#find();
    if (needsStaging(found)) return null;
    const holdsCatalog = locksCatalog || hasNew(found);
    if (holdsCatalog) {
      await this.#query(MERGE_STEPS.lockCatalog);
      await this.client.query(LIMIT_LOCK_WAIT);
      // Once more, since they may have been made before the catalog was locked.
      if (hasNew(found)) found = await this.#find();
    }
    const keys = await this.#addNew(found);
    if (!keys) return null;
    const { stored, changedUsers } = await this.#store(keys);
    const { catalogId, options } = this;
    await tellOrRaiseEpoch(this.client, changedUsers, { ...options, catalogId, holdsCatalog });
    const refused = options.onInvalid === 'skip' ? { refused: { count: 0, rows: [] } } : {};
    return { stored, duplicates: this.rows.length - stored, merged: 0, changedUsers, ...refused };
  }

  async #find(): Promise<Found> {
    const { users, items, types } = this.#names;
    return (await this.#query<Found>(KEYED_STEPS.find, users, items, types))[0]!;
  }

  /** @returns null when types are new, or an item is deleted or refused */
  async #addNew(found: Found): Promise<Keys<number> | null> {
    const { users, items, types } = found;
    if (needsStaging(found) || !isWhole(types)) return null;
    const existing = binaryArray.int4(items.filter((key) => key !== null));
    const [locked] = await this.#query<{ hasLate: boolean }>(KEYED_STEPS.lockItems, existing);
    if (locked!.hasLate) return null;
    const names = this.#names;
    return {
      types,
      users: isWhole(users) ? users : withNew(users, await this.#addUsers(missing(names.users, users))),
      items: isWhole(items) ? items : withNew(items, await this.#addItems(missing(names.items, items))),
    };
  }

  /** @returns the first of the new keys, which follow one another */
  async #addUsers(names: readonly string[]): Promise<number> {
    return (await this.#query<{ first: number }>(KEYED_STEPS.addUsers, names))[0]!.first;
  }

  async #addItems(names: readonly string[]): Promise<number> {
    const [added] = await this.#query<{ first: number; revision: string }>(KEYED_STEPS.addItems, names);
    const { catalogId } = this;
    await publish(this.client, { kind: 'items-changed', catalogId, revision: Number(added!.revision) });
    return added!.first;
  }

  async #store(keys: Keys<number>): Promise<Stored> {
    const raised = await this.#query<RaisedUser>(KEYED_STEPS.store, ...columnsOf(this.#keyedRows(keys)));
    const changedUsers = raised.map(({ external_id, user_key, revision }) => ({
      ...{ userId: external_id, userKey: user_key, revision: Number(revision) },
    }));
    return { stored: raised[0]?.stored ?? 0, changedUsers };
  }

  /** In the order of the primary key; equal rows as they came. */
  #keyedRows({ users, items, types }: Keys<number>): KeyedRow[] {
    return this.rows
      .map(({ weight, occurredAt }, row): KeyedRow => {
        const [user, item] = [users[this.#users[row]!]!, items[this.#items[row]!]!];
        return { user, item, type: types[this.#types[row]!]!, ms: occurredAt.getTime(), weight };
      })
      .sort((a, b) => a.user - b.user || a.item - b.item || a.type - b.type || a.ms - b.ms);
  }

  async #query<Row extends object>(sql: string, ...values: readonly unknown[]): Promise<Row[]> {
    return (await this.client.query<Row>(sql, [this.catalogId, ...values])).rows;
  }
}

function columnsOf(rows: readonly KeyedRow[]): Buffer[] {
  return [
    binaryArray.int4(rows.map(({ user }) => user)),
    binaryArray.int4(rows.map(({ item }) => item)),
    binaryArray.int2(rows.map(({ type }) => type)),
    binaryArray.timestamptz(rows.map(({ ms }) => ms)),
    binaryArray.float4(rows.map(({ weight }) => weight)),
  ];
}

function isWhole(keys: readonly (number | null)[]): keys is readonly number[] {
  return !keys.includes(null);
}

function needsStaging({ items, types, refuses }: Found): boolean {
  return !isWhole(types) || (refuses && !isWhole(items));
}

function hasNew({ users, items, types }: Keys<number | null>): boolean {
  return !isWhole(users) || !isWhole(items) || !isWhole(types);
}

function missing(names: readonly string[], keys: readonly (number | null)[]): string[] {
  return names.filter((_, number) => keys[number] === null);
}

function withNew(keys: readonly (number | null)[], first: number): readonly number[] {
  let next = first;
  return keys.map((key) => key ?? next++);
}
