import type { PoolClient } from 'pg';
import type { ImportedUser } from '#domain';
import {
  changeUsers,
  MAX_TOLD_USERS,
  raiseCacheEpoch,
  tellUsers,
  type BeforeCommit,
} from '../changes/changed-users.js';
import { retryConflicts } from '../connection/conflicts.js';
import { mergedMeanwhile } from '../interactions/merge-attempts.js';
import { moveUsers, type Unmoved } from '../people/user-move.js';
import { USER_STEPS, USER_TABLES } from '../sql/users.sql.js';
import { copyRows } from '../streams/copy-in.js';
import { createStagingTables } from '../streams/staging-tables.js';
import type { ReserveKeys } from './key-reservation.js';

/** What became of users that were put. */
export interface PutUsers {
  readonly created: number;
  /** Those that were there, changed or not. */
  readonly updated: number;
}

export const NO_USERS: PutUsers = { created: 0, updated: 0 };

/** Copies users into a staging table, as JSON. @returns how many rows */
export async function stageUsers(
  client: PoolClient,
  chunks: AsyncIterable<readonly ImportedUser[]> | undefined,
): Promise<number> {
  if (!chunks) return 0;
  await createStagingTables(client, USER_TABLES);
  let position = 0;
  for await (const users of chunks)
    await copyRows(client, 'staged_user_details', users, (writer, { userId, ...details }) => {
      writer.startRow(3);
      writer.int32(position++);
      writer.text(userId);
      writer.text(JSON.stringify(details));
    });
  return position;
}

/**
 * Moves users from their staging table to the tables. The catalog is not locked meanwhile, so that batches go
 * on; `finish` locks it. Users who change are locked until the import ends.
 */
export class UserImport {
  #put = NO_USERS;
  #numChanged = 0;
  /** How many merges of users there were. */
  #merges = 0;

  constructor(
    private readonly client: PoolClient,
    private readonly catalogId: string,
    private readonly reserveKeys: ReserveKeys,
  ) {}

  async run(): Promise<PutUsers> {
    const { client } = this;
    await client.query(USER_STEPS.dropRepeated);
    await client.query(USER_STEPS.analyze);
    await client.query('SAVEPOINT users');
    await retryConflicts(
      () => this.#merge(),
      () => client.query('ROLLBACK TO SAVEPOINT users'),
    );
    return this.#put;
  }

  async #merge(): Promise<void> {
    this.#merges = (await this.#first<{ merges: number }>(USER_STEPS.countMerges)).merges;
    if (this.#merges > 0 && (await this.#count(USER_STEPS.followMerged)) > 0)
      await this.client.query(USER_STEPS.dropRepeated);
    const fresh = await this.#count(USER_STEPS.fresh);
    const created = fresh > 0 ? await this.#add(fresh) : 0;
    const { rows } = await this.client.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM staged_user_details',
    );
    this.#put = { created, updated: rows[0]!.count - created };
    this.#numChanged = await this.#count(USER_STEPS.findChanged);
    if (this.#numChanged === 0) return;
    await this.client.query('ANALYZE changed_user_details');
    const { lock, refuse, allow, describe, forget } = USER_STEPS;
    const { locked } = await this.#first<{ locked: number }>(lock);
    if (locked < this.#numChanged) throw mergedMeanwhile();
    for (const step of [refuse, allow, describe, forget]) await this.#count(step);
    if (this.#isOfMany) await this.#count(USER_STEPS.raiseMany);
  }

  /** So many change that nobody is told of each. */
  get #isOfMany(): boolean {
    return this.#numChanged > MAX_TOLD_USERS;
  }

  async #add(fresh: number): Promise<number> {
    const keys = await this.reserveKeys({ users: fresh, items: 0, hasUndated: false });
    return this.#count(USER_STEPS.add, keys.users);
  }

  /**
   * To be called at the end of the transaction, since it locks the catalog. It waits for whoever has it: who
   * does waits for other locks a moment only.
   */
  async finish(beforeCommit: BeforeCommit | undefined): Promise<void> {
    const { client, catalogId } = this;
    await client.query('SET LOCAL lock_timeout = 0');
    if (this.#put.created > 0 && (await this.#countCreated())) await raiseCacheEpoch(client, catalogId);
    if (this.#numChanged === 0) return;
    const isTold = !this.#isOfMany && (await this.#tell(beforeCommit));
    if (!isTold) await raiseCacheEpoch(client, catalogId);
  }

  /** @returns whether one of the new users was merged into another one meanwhile */
  async #countCreated(): Promise<boolean> {
    const { merges } = await this.#first<{ merges: number }>(USER_STEPS.finish, this.#put.created);
    if (merges === this.#merges) return false;
    const { rows } = await this.client.query<Unmoved>(USER_STEPS.mergedMeanwhile, [this.catalogId]);
    await moveUsers(this.client, this.catalogId, rows);
    return rows.length > 0;
  }

  async #tell(beforeCommit: BeforeCommit | undefined): Promise<boolean> {
    return tellUsers(await changeUsers(this.client, USER_STEPS.raise, [this.catalogId]), beforeCommit);
  }

  /** Of a query that always has one row. */
  async #first<Row extends object>(sql: string, ...values: readonly unknown[]): Promise<Row> {
    return (await this.client.query<Row>(sql, [this.catalogId, ...values])).rows[0]!;
  }

  async #count(sql: string, ...values: readonly unknown[]): Promise<number> {
    return Number((await this.client.query(sql, [this.catalogId, ...values])).rowCount);
  }
}
