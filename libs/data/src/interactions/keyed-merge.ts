import type { PoolClient } from 'pg';
import type { DatedInteraction } from '#domain';
import { publish, type ChangedUser } from '../changes/changed-users.js';
import { LIMIT_LOCK_WAIT } from '../connection/conflicts.js';
import { NameNumbers } from '../imports/name-numbers.js';
import { FIND_MERGED } from '../people/merged-ids.sql.js';
import { MERGE_STEPS } from '../sql/interactions.sql.js';
import { KEYED_STEPS } from '../sql/keyed.sql.js';
import { binaryArray } from '../streams/binary-array.js';
import type { MergedBatch, MergeOptions } from './interaction-merge.js';
import { attemptMerge, mergedMeanwhile, tellOrRaiseEpoch } from './merge-attempts.js';

/** Keys of the names of a batch, in the order of these; null of what the catalog does not know. */
interface Keys<Key extends number | null> {
  readonly users: readonly Key[];
  readonly items: readonly Key[];
  readonly types: readonly Key[];
}

interface Found extends Keys<number | null> {
  /** Whether the catalog refuses unknown items. */
  readonly refuses: boolean;
  /** Whether it may have merged ids. */
  readonly hasMerged: boolean;
}

/** What is known of a batch, and the names of its users: of merged ids the users that they name. */
interface Named extends Found {
  readonly userNames: readonly string[];
}

interface StoredRow {
  readonly stored: number;
  /** Whose rows were stored. */
  readonly users: number;
  readonly external_id: string | null;
  readonly user_key: number;
  readonly revision: string;
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
      if (hasNew(found)) found = await this.#findFollowed();
    }
    const keys = await this.#addNew(found);
    if (!keys) return null;
    const { stored, changedUsers } = await this.#store(keys);
    const { catalogId, options } = this;
    await tellOrRaiseEpoch(this.client, changedUsers, { ...options, catalogId, holdsCatalog });
    const refused = options.onInvalid === 'skip' ? { refused: { count: 0, rows: [] } } : {};
    return { stored, duplicates: this.rows.length - stored, merged: 0, changedUsers, ...refused };
  }

  async #find(userNames = this.#names.users): Promise<Named> {
    const { items, types } = this.#names;
    const [found] = await this.#query<Found>(KEYED_STEPS.find, userNames, items, types);
    return { ...found!, userNames };
  }

  /** The same, with the users that merged ids name: such an id is nobody's own, so its user is missing. */
  async #findFollowed(): Promise<Named> {
    const found = await this.#find();
    const unknown = missing(found.userNames, found.users);
    if (!found.hasMerged || unknown.length === 0) return found;
    const merged = await this.#query<{ id: string; intoId: string }>(FIND_MERGED, unknown);
    if (merged.length === 0) return found;
    const into = new Map(merged.map(({ id, intoId }) => [id, intoId]));
    return this.#find(found.userNames.map((name) => into.get(name) ?? name));
  }

  /** @returns null when types are new, or an item is deleted or refused */
  async #addNew(found: Named): Promise<Keys<number> | null> {
    const { users, items, types, userNames } = found;
    if (needsStaging(found) || !isWhole(types)) return null;
    const existing = binaryArray.int4(items.filter((key) => key !== null));
    const [locked] = await this.#query<{ hasLate: boolean }>(KEYED_STEPS.lockItems, existing);
    if (locked!.hasLate) return null;
    const names = this.#names;
    return {
      types,
      users: await this.#withNew(userNames, users, (fresh) => this.#addUsers(fresh)),
      items: await this.#withNew(names.items, items, (fresh) => this.#addItems(fresh)),
    };
  }

  /** @param add @returns the first of the new keys, which follow one another */
  async #withNew(
    names: readonly string[],
    keys: readonly (number | null)[],
    add: (names: readonly string[]) => Promise<number>,
  ): Promise<readonly number[]> {
    if (isWhole(keys)) return keys;
    const fresh = missing(names, keys);
    const first = await add(fresh);
    const keyOf = new Map(fresh.map((name, place) => [name, first + place]));
    return keys.map((key, number) => key ?? keyOf.get(names[number]!)!);
  }

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
    const rows = await this.#query<StoredRow>(KEYED_STEPS.store, ...columnsOf(this.#keyedRows(keys)));
    const { stored, users } = rows[0]!;
    const changedUsers = rows.flatMap(({ external_id: userId, user_key: userKey, revision }) =>
      userId === null ? [] : [{ userId, userKey, revision: Number(revision) }],
    );
    if (changedUsers.length < users) throw mergedMeanwhile();
    return { stored, changedUsers };
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

/** Each once: a merged id and the user that it names are one. */
function missing(names: readonly string[], keys: readonly (number | null)[]): string[] {
  return [...new Set(names.filter((_, number) => keys[number] === null))];
}
