import type { Writable } from 'node:stream';
import type { Database } from '../connection/database.js';
import { AS_IT_IS, copyOut } from '../exports/copy-out.js';
import { selectPerson } from './person-export.sql.js';

const FIND_USER = `SELECT user_key AS "userKey" FROM users JOIN catalogs c ON c.id = catalog_id
  WHERE catalog_id = $1 AND external_id = $2 AND c.deleted_at IS NULL`;
const FIND_ITEM_IDS = `SELECT item_key AS key, external_id AS id FROM items
  WHERE catalog_id = $1 AND item_key = ANY($2::int[])`;
const READ_ONLY = 'ISOLATION LEVEL REPEATABLE READ READ ONLY';

/** All that PostgreSQL has of a person. */
export class PersonExportsRepository {
  constructor(private readonly database: Database) {}

  async isStored(catalogId: string, userId: string): Promise<boolean> {
    const { rowCount } = await this.database.run(() =>
      this.database.pool.query(FIND_USER, [catalogId, userId]),
    );
    return rowCount !== 0;
  }

  /**
   * Writes the rows as they are at one instant, as lines of JSON, in constant memory, and leaves `output`
   * open. Nothing is written of an unknown user. When `output` is closed, reading ends.
   */
  async write(catalogId: string, userId: string, output: Writable): Promise<void> {
    await this.database.sqlTransactionOnce(async (client) => {
      const { rows } = await client.query<{ userKey: number }>(FIND_USER, [catalogId, userId]);
      if (!rows[0]) return;
      const keys = { catalog: client.escapeLiteral(catalogId), userKey: rows[0].userKey };
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
