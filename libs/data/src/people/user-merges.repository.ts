import type { PoolClient } from 'pg';
import type { BeforeCommit } from '../changes/changed-users.js';
import type { Database } from '../connection/database.js';
import type { IdempotentWrite } from '../connection/idempotent-write.js';
import { requireCatalog } from '../repositories/catalogs.repository.js';
import { deleteInBatches } from '../sql/delete-in-batches.js';
import { UserMerge, type MergedUsers, type MergeIds } from './user-merge.js';

/** $1 rows. */
const DELETE_OLD =
  'DELETE FROM merged_ids WHERE ctid = ANY(ARRAY(SELECT ctid FROM merged_ids WHERE ends_at < now() LIMIT $1))';

interface MergeOptions {
  readonly beforeCommit?: BeforeCommit | undefined;
  readonly idempotent?: IdempotentWrite<MergedUsers> | undefined;
}

/** Users that are one person, and the ids that name them. */
export class UserMergesRepository {
  constructor(private readonly database: Database) {}

  /**
   * Makes one user of two, whole or not at all, and none of two ids that name one user already. An unknown
   * user has nothing, and gets what the other one has.
   *
   * @throws DomainError `catalog-not-found`, `user-merged`, `write-conflict`
   */
  async merge(catalogId: string, ids: MergeIds, options: MergeOptions = {}): Promise<MergedUsers> {
    const merge = async (client: PoolClient) => {
      await requireCatalog(client, catalogId);
      return new UserMerge(client, catalogId, options.beforeCommit).run(ids);
    };
    return this.database.sqlTransactionOnce(merge, '', options.idempotent);
  }

  /** Deletes merged ids that name nobody any more. @returns number of rows of each statement */
  deleteOld(): AsyncGenerator<number> {
    return deleteInBatches(this.database, DELETE_OLD, []);
  }
}
