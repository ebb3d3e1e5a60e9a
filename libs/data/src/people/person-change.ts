import type { PoolClient } from 'pg';
import {
  changeUsers,
  raiseRevisions,
  type BeforeCommit,
  type ChangedUser,
} from '../changes/changed-users.js';
import { LIMIT_LOCK_WAIT } from '../connection/conflicts.js';
import { attemptMerge, mergedMeanwhile, tellOrRaiseEpoch } from '../interactions/merge-attempts.js';
import { requireCatalog } from '../repositories/catalogs.repository.js';
import { CATALOG } from '../sql/catalog.sql.js';
import { MERGE_STEPS } from '../sql/interactions.sql.js';
import { KEYED_STEPS } from '../sql/keyed.sql.js';
import { idOfUser } from './merged-ids.sql.js';

/** $2 the id, which may be a merged one: of whom it is, and the key, null where there is none. */
const FIND = `SELECT n.id AS "userId", u.user_key AS "userKey" FROM (SELECT coalesce(${idOfUser('$2')}, $2) AS id) n
  LEFT JOIN users u ON u.catalog_id = ${CATALOG} AND u.external_id = n.id`;
const LOCK = `SELECT FROM users WHERE catalog_id = ${CATALOG} AND user_key = $2 FOR NO KEY UPDATE`;
/** $2 the user. */
const RAISE_REVISION = raiseRevisions('SELECT $2::int');

interface Found {
  readonly userId: string;
  readonly userKey: number | null;
}

export interface PersonAddress {
  readonly catalogId: string;
  readonly userId: string;
  readonly beforeCommit?: BeforeCommit | undefined;
}

/** What a change has made of a user. */
export interface ChangedPerson {
  /** Of the user, where a merged id was given. */
  readonly userId: string;
  /** Whether nothing was stored of the user before. */
  readonly created: boolean;
  /** The user, where caches have to know of the change. */
  readonly changedUsers: readonly ChangedUser[];
}

/**
 * Changes what is stored of one user beside interactions, within a transaction. The user is made if there is
 * none, and is locked: changes of one user follow one another.
 *
 * @param write told the key of the user, and whether it was made just now; false when all was so already
 * @throws DomainError `catalog-not-found`, `write-conflict`
 */
export async function changePerson(
  client: PoolClient,
  { catalogId, userId, beforeCommit }: PersonAddress,
  write: (userKey: number, created: boolean) => Promise<boolean>,
): Promise<ChangedPerson> {
  await requireCatalog(client, catalogId);
  const find = async () => (await client.query<Found>(FIND, [catalogId, userId])).rows[0]!;
  return attemptMerge(client, !beforeCommit, async (locksCatalog) => {
    let found = await find();
    const holdsCatalog = locksCatalog || found.userKey === null;
    if (holdsCatalog) {
      await client.query(MERGE_STEPS.lockCatalog, [catalogId]);
      await client.query(LIMIT_LOCK_WAIT);
      // Once more, since the user may have been made before the catalog was locked.
      if (found.userKey === null) found = await find();
    }
    const created = found.userKey === null;
    const userKey = found.userKey ?? (await addUser(client, catalogId, found.userId));
    const { rowCount } = await client.query(LOCK, [catalogId, userKey]);
    if (rowCount === 0) throw mergedMeanwhile();
    if (!(await write(userKey, created))) return { userId: found.userId, created, changedUsers: [] };
    const changedUsers = await changeUsers(client, RAISE_REVISION, [catalogId, userKey]);
    await tellOrRaiseEpoch(client, changedUsers, { catalogId, beforeCommit, holdsCatalog });
    return { userId: found.userId, created, changedUsers };
  });
}

async function addUser(client: PoolClient, catalogId: string, userId: string): Promise<number> {
  const { rows } = await client.query<{ first: number }>(KEYED_STEPS.addUsers, [catalogId, [userId]]);
  return rows[0]!.first;
}
