import type { Writable } from 'node:stream';
import type { Database } from '../connection/database.js';
import { AS_IT_IS, copyOut } from '../exports/copy-out.js';
import { CATALOG, unseenCatalog } from '../sql/catalog.sql.js';
import { idOfUser } from './merged-ids.sql.js';
import { selectPerson } from './person-export.sql.js';

const FIND_USER = `SELECT user_key AS "userKey" FROM users JOIN catalogs c ON c.id = catalog_id
  WHERE catalog_id = ${CATALOG} AND external_id = ${idOfUser('$2')} AND c.deleted_at IS NULL`;
/** The user that the id $2 names, and ids that name that user. */
const FIND_IDS = `SELECT id, EXISTS (SELECT FROM users u WHERE u.catalog_id = ${CATALOG} AND u.external_id = id) AS "isUser"
  FROM (SELECT coalesce(${idOfUser('$2')}, $2) AS id) named
  UNION ALL SELECT m.external_id, false FROM merged_ids m
    WHERE m.catalog_id = ${CATALOG} AND m.into_id = coalesce(${idOfUser('$2')}, $2) AND m.ends_at > now()`;
const FIND_ITEM_IDS = `SELECT item_key AS key, external_id AS id FROM items
  WHERE catalog_id = ${CATALOG} AND item_key = ANY($2::int[])`;
const READ_ONLY = 'ISOLATION LEVEL REPEATABLE READ READ ONLY';

export interface PersonIds {
  readonly ids: readonly string[];
  /** Whether there is a user. */
  readonly isStored: boolean;
}

/** All that PostgreSQL has of a person. */
export class PersonExportsRepository {
  constructor(private readonly database: Database) {}

  /** All ids of a person, of whom `userId` may be a merged one; the first is that of the user. */
  async findIds(catalogId: string, userId: string): Promise<PersonIds> {
    const { rows } = await this.database.run(() =>
      this.database.pool.query<{ id: string; isUser: boolean }>(FIND_IDS, [catalogId, userId]),
    );
    return { ids: rows.map(({ id }) => id), isStored: rows.some(({ isUser }) => isUser) };
  }

  /**
   * Writes the rows as they are at one instant, as lines of JSON, in constant memory, and leaves `output`
   * open. Nothing is written of an unknown user. When `output` is closed, reading ends.
   */
  async write(catalogId: string, userId: string, output: Writable): Promise<void> {
    await this.database.sqlTransactionOnce(async (client) => {
      const { rows } = await client.query<{ userKey: number }>(FIND_USER, [catalogId, userId]);
      if (!rows[0]) return;
      const keys = { catalog: unseenCatalog(client.escapeLiteral(catalogId)), userKey: rows[0].userKey };
      for (const query of selectPerson(keys))
        await copyOut(client, `COPY (${query}) TO STDOUT (${AS_IT_IS})`, output);
    }, READ_ONLY);
  }

  /** External ids by key, those of deleted items too. */
  async findItemIds(catalogId: string, itemKeys: readonly number[]): Promise<Map<number, string>> {
    const { rows } = await this.database.run(() =>
      this.database.pool.query<{ key: number; id: string }>(FIND_ITEM_IDS, [catalogId, itemKeys]),
    );
    return new Map(rows.map(({ key, id }) => [key, id]));
  }
}
