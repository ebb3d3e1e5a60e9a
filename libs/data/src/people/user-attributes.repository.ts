import type { PoolClient } from 'pg';
import type { UserAttributes } from '#domain';
import type { BeforeCommit } from '../changes/changed-users.js';
import type { Database } from '../connection/database.js';
import { CATALOG } from '../sql/catalog.sql.js';
import { changePerson, type ChangedPerson } from './person-change.js';

/** $1 catalog, $2 key of the user, $3 tags, $4 metadata. They change nothing that is so already. */
const PUT = `INSERT INTO user_attributes AS a (catalog_id, user_key, tags, metadata) VALUES ($1, $2, $3, $4)
  ON CONFLICT (catalog_id, user_key) DO UPDATE SET tags = excluded.tags, metadata = excluded.metadata
    WHERE (a.tags, a.metadata) <> (excluded.tags, excluded.metadata)`;
const FORGET = `DELETE FROM user_attributes WHERE catalog_id = ${CATALOG} AND user_key = $2`;

/** Tags and metadata of users. Only who has some has a row. */
export class UserAttributesRepository {
  constructor(private readonly database: Database) {}

  /** Replaces what is known of the user, who is made if there is none. */
  put(
    catalogId: string,
    userId: string,
    attributes: UserAttributes,
    beforeCommit?: BeforeCommit,
  ): Promise<ChangedPerson> {
    return this.database.sqlTransactionOnce((client) =>
      changePerson(client, { catalogId, userId, beforeCommit }, (userKey) =>
        putAttributes(client, [catalogId, userKey], attributes),
      ),
    );
  }
}

/** @returns whether they have changed */
async function putAttributes(
  client: PoolClient,
  whose: readonly [catalogId: string, userKey: number],
  { tags, metadata }: UserAttributes,
): Promise<boolean> {
  const isEmpty = tags.length === 0 && Object.keys(metadata).length === 0;
  const { rowCount } = isEmpty
    ? await client.query(FORGET, [...whose])
    : await client.query(PUT, [...whose, tags, JSON.stringify(metadata)]);
  return rowCount !== 0;
}
