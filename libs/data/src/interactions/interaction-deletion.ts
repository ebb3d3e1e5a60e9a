import type { PoolClient } from 'pg';
import type { InteractionFilter } from '#domain';
import {
  changeUsers,
  raiseRevisions,
  type BeforeCommit,
  type ChangedUser,
} from '../changes/changed-users.js';
import { LIMIT_LOCK_WAIT } from '../connection/conflicts.js';
import { idOfUser } from '../people/merged-ids.sql.js';
import { CATALOG } from '../sql/catalog.sql.js';
import { MERGE_STEPS } from '../sql/interactions.sql.js';
import { attemptMerge, tellOrRaiseEpoch } from './merge-attempts.js';

/** What became of interactions that were to be deleted. */
export interface DeletedInteractions {
  /** Late ones included. */
  readonly deleted: number;
  /** The user, where the history has changed. */
  readonly changedUsers: readonly ChangedUser[];
}

const NOTHING: DeletedInteractions = { deleted: 0, changedUsers: [] };

/** A merge of the user waits until this is done, or has been done before. */
const LOCK_USER = `SELECT user_key FROM users WHERE catalog_id = ${CATALOG} AND external_id = ${idOfUser('$2')} FOR KEY SHARE`;

/** $3 items and $4 types, or null; $5 begin, $6 end. As arrays, so that rows are found by their key. */
function isMeant({ itemIds, types }: InteractionFilter): string {
  const ofItems = `SELECT item_key FROM items WHERE catalog_id = ${CATALOG} AND external_id = ANY ($3)`;
  const ofTypes = `SELECT type_key FROM interaction_types WHERE catalog_id = ${CATALOG} AND name = ANY ($4)`;
  return `n.catalog_id = ${CATALOG} AND n.user_key = $2 AND n.occurred_at >= $5 AND n.occurred_at < $6
    AND ${itemIds ? `n.item_key = ANY (ARRAY(${ofItems}))` : '$3::text[] IS NULL'}
    AND ${types ? `n.type_key = ANY (ARRAY(${ofTypes}))` : '$4::text[] IS NULL'}`;
}

/**
 * Whoever brings back an item moves its late interactions, and waits until this is done or has done it
 * before: so that none is moved past the deletion.
 */
const lockLateItems = (filter: InteractionFilter) => `SELECT 1 FROM items WHERE catalog_id = ${CATALOG}
    AND item_key IN (SELECT n.item_key FROM late_interactions n WHERE ${isMeant(filter)})
  ORDER BY item_key FOR KEY SHARE`;

const remove = (filter: InteractionFilter) => `WITH
    gone AS (DELETE FROM interactions n WHERE ${isMeant(filter)} RETURNING 1),
    late AS (DELETE FROM late_interactions n WHERE ${isMeant(filter)} RETURNING 1)
  SELECT (SELECT count(*)::int FROM gone) AS gone, (SELECT count(*)::int FROM late) AS late`;

/** $2 the user. */
const RAISE_REVISION = raiseRevisions('SELECT $2::int');

/** Deletes interactions of one user, late ones too, within a transaction that holds the catalog. */
export class InteractionDeletion {
  constructor(
    private readonly client: PoolClient,
    private readonly catalogId: string,
    private readonly userId: string,
    private readonly beforeCommit: BeforeCommit | undefined,
  ) {}

  async run(filter: InteractionFilter): Promise<DeletedInteractions> {
    return attemptMerge(this.client, !this.beforeCommit, (locks) => this.#delete(filter, locks));
  }

  async #delete(filter: InteractionFilter, holdsCatalog: boolean): Promise<DeletedInteractions> {
    const { client, catalogId, beforeCommit } = this;
    if (holdsCatalog) {
      await client.query(MERGE_STEPS.lockCatalog, [catalogId]);
      await client.query(LIMIT_LOCK_WAIT);
    }
    // Once more, since who waited for a merge finds nobody, and then the user that the id names.
    const userKey = (await this.#lockUser()) ?? (await this.#lockUser());
    if (userKey === null) return NOTHING;
    const { itemIds = null, types = null, from = '-infinity', to = 'infinity' } = filter;
    const values = [catalogId, userKey, itemIds, types, from, to];
    await client.query(lockLateItems(filter), values);
    const { rows } = await client.query<{ gone: number; late: number }>(remove(filter), values);
    const { gone, late } = rows[0]!;
    if (gone === 0) return { deleted: late, changedUsers: [] };
    const changedUsers = await changeUsers(client, RAISE_REVISION, [catalogId, userKey]);
    await tellOrRaiseEpoch(client, changedUsers, { catalogId, beforeCommit, holdsCatalog });
    return { deleted: gone + late, changedUsers };
  }

  async #lockUser(): Promise<number | null> {
    const { rows } = await this.client.query<{ user_key: number }>(LOCK_USER, [this.catalogId, this.userId]);
    return rows[0]?.user_key ?? null;
  }
}
