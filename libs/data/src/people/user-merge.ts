import type { PoolClient } from 'pg';
import { DomainError, MERGED_ID_DAYS } from '#domain';
import {
  changeUsers,
  raiseRevisions,
  type BeforeCommit,
  type ChangedUser,
} from '../changes/changed-users.js';
import { LIMIT_LOCK_WAIT } from '../connection/conflicts.js';
import { attemptMerge, tellOrRaiseEpoch } from '../interactions/merge-attempts.js';
import { CATALOG } from '../sql/catalog.sql.js';
import { MERGE_STEPS } from '../sql/interactions.sql.js';
import { mergedInto } from './merged-ids.sql.js';
import { findOrAddUser, moveUser } from './user-move.js';

/** $2 ids. */
const FIND = `SELECT n.id, u.user_key AS "userKey", CASE WHEN u.user_key IS NULL THEN ${mergedInto('n.id')} END AS "intoId"
  FROM unnest($2::text[]) n (id) LEFT JOIN users u ON u.catalog_id = ${CATALOG} AND u.external_id = n.id`;
const FIND_END = `SELECT ends_at AS "endsAt" FROM merged_ids WHERE catalog_id = ${CATALOG} AND external_id = $2`;
/** $2 the id, $3 whom it names from now on, $4 days. */
const KEEP_ID = `INSERT INTO merged_ids (catalog_id, external_id, into_id, merged_at, ends_at)
    VALUES ($1, $2, $3, now(), now() + make_interval(days => $4))
  ON CONFLICT (catalog_id, external_id) DO UPDATE SET into_id = excluded.into_id, merged_at = excluded.merged_at,
    ends_at = excluded.ends_at
  RETURNING ends_at AS "endsAt"`;
/** $2 the id that was merged, $3 into whom: ids that named the one name the other, until the end they had. */
const FOLLOW_ON = `UPDATE merged_ids SET into_id = $3 WHERE catalog_id = ${CATALOG} AND into_id = $2 AND external_id <> $3`;
/** $2 an id that is a user's own from now on. */
const DROP_ID = `DELETE FROM merged_ids WHERE catalog_id = ${CATALOG} AND external_id = $2`;
const COUNT_MERGE = 'UPDATE catalogs SET merges = merges + 1 WHERE id = $1';
/** $2 the user. */
const RAISE_REVISION = raiseRevisions('SELECT $2::int');

/** Two ids of one person, as a call names them. */
export interface MergeIds {
  /** Whose user it is afterwards. */
  readonly intoId: string;
  readonly fromId: string;
}

/** What became of two users. */
export interface MergedUsers {
  /** The user that both ids name. */
  readonly userId: string;
  /** The id that names no user of its own. */
  readonly mergedId: string;
  /** Interactions that have become the user's, late ones too; those of an earlier call not again. */
  readonly moved: number;
  /** Until when the merged id names the user. */
  readonly endsAt: Date;
  /** False where both ids named one user already. */
  readonly isNew: boolean;
  /** The user, where the history has changed. */
  readonly changedUsers: readonly ChangedUser[];
}

interface Named {
  readonly id: string;
  readonly userKey: number | null;
  /** Whom a merged id names. */
  readonly intoId: string | null;
}

/** Merges two users, within a transaction. */
export class UserMerge {
  constructor(
    private readonly client: PoolClient,
    private readonly catalogId: string,
    private readonly beforeCommit: BeforeCommit | undefined,
  ) {}

  /**
   * The catalog is locked first, so merges follow one another.
   *
   * @throws DomainError `user-merged` where the id that is to be merged names another user already
   */
  run(ids: MergeIds): Promise<MergedUsers> {
    return attemptMerge(this.client, true, () => this.#merge(ids));
  }

  async #merge({ intoId, fromId }: MergeIds): Promise<MergedUsers> {
    await this.#query(MERGE_STEPS.lockCatalog);
    await this.client.query(LIMIT_LOCK_WAIT);
    const found = await this.#query<Named>(FIND, [intoId, fromId]);
    const [into, from] = [intoId, fromId].map((id) => found.find((one) => one.id === id)!) as [Named, Named];
    const userId = into.intoId ?? intoId;
    if (from.intoId === userId) return this.#findMerged(userId, fromId);
    if (from.intoId !== null) throw namesAnother(fromId);
    if (userId === fromId) return this.#findMerged(userId, intoId);
    return this.#mergeUser(from, userId);
  }

  /** They are one user already. */
  async #findMerged(userId: string, mergedId: string): Promise<MergedUsers> {
    const [found] = await this.#query<{ endsAt: Date }>(FIND_END, mergedId);
    return { userId, mergedId, moved: 0, endsAt: found!.endsAt, isNew: false, changedUsers: [] };
  }

  async #mergeUser({ id: mergedId, userKey: fromKey }: Named, userId: string): Promise<MergedUsers> {
    const { client, catalogId } = this;
    await this.#query(DROP_ID, userId);
    await this.#query(FOLLOW_ON, mergedId, userId);
    const [{ endsAt }] = (await this.#query(KEEP_ID, mergedId, userId, MERGED_ID_DAYS)) as [{ endsAt: Date }];
    await this.#query(COUNT_MERGE);
    if (fromKey === null) {
      await this.#tell([{ userId: mergedId, userKey: -1, revision: 1 }]);
      return { userId, mergedId, moved: 0, endsAt, isNew: true, changedUsers: [] };
    }
    const intoKey = await findOrAddUser(client, catalogId, userId);
    const { moved, revision } = await moveUser(client, catalogId, { fromKey, intoKey });
    const changedUsers = await changeUsers(client, RAISE_REVISION, [catalogId, intoKey]);
    await this.#tell([...changedUsers, { userId: mergedId, userKey: fromKey, revision: revision + 1 }]);
    return { userId, mergedId, moved, endsAt, isNew: true, changedUsers };
  }

  async #tell(changed: readonly ChangedUser[]): Promise<void> {
    const { client, catalogId, beforeCommit } = this;
    await tellOrRaiseEpoch(client, changed, { catalogId, beforeCommit, holdsCatalog: true });
  }

  async #query<Row extends object>(sql: string, ...values: readonly unknown[]): Promise<Row[]> {
    return (await this.client.query<Row>(sql, [this.catalogId, ...values])).rows;
  }
}

/** To merge the user that it names would merge two persons who have used one device. */
function namesAnother(id: string): DomainError {
  return new DomainError('user-merged', `"${id}" was merged into another user`);
}
