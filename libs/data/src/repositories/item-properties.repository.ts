import type { ItemColumnName, ItemColumnRow, ItemProperties, JsonObject, JsonValue } from '#domain';
import type { Database } from '../connection/database.js';
import { CATALOG } from '../sql/catalog.sql.js';

interface PropertiesRow {
  readonly item_key: number;
  readonly tags: string[];
  readonly metadata: JsonObject;
}

interface ColumnRow {
  readonly item_key: number;
  readonly revision: string;
  readonly value: JsonValue;
}

const METADATA_PREFIX = 'metadata.';

/** Tags and metadata: read when a request asks for them, since most do not. */
export class ItemPropertiesRepository {
  constructor(private readonly database: Database) {}

  /** By item key; keys that no item has are left out. */
  async load(catalogId: string, itemKeys: readonly number[]): Promise<Map<number, ItemProperties>> {
    const { rows } = await this.database.run(() =>
      this.database.pool.query<PropertiesRow>(
        `SELECT item_key, tags, metadata FROM items WHERE catalog_id = ${CATALOG} AND item_key = ANY($2::int[])`,
        [catalogId, itemKeys],
      ),
    );
    return new Map(rows.map(({ item_key, tags, metadata }) => [item_key, { tags, metadata }]));
  }

  /**
   * One column of the items that changed after a place in the order of changes, in that order. An item that
   * changes while pages are read comes again in a later one, so the last page makes the column complete.
   */
  async findColumnPage(
    catalogId: string,
    column: ItemColumnName,
    after: { readonly revision: number; readonly itemKey: number },
    limit: number,
  ): Promise<ItemColumnRow[]> {
    const { sql, name } = columnValue(column);
    const { rows } = await this.database.run(() =>
      this.database.pool.query<ColumnRow>(
        `SELECT item_key, revision, CASE WHEN deleted_at IS NULL THEN ${sql} END AS value FROM items
         WHERE catalog_id = ${CATALOG} AND (revision, item_key) > ($2, $3) ORDER BY revision, item_key LIMIT $4`,
        [catalogId, after.revision, after.itemKey, limit, ...name],
      ),
    );
    return rows.map(({ item_key, revision, value }) => ({
      itemKey: item_key,
      revision: Number(revision),
      value,
    }));
  }
}

/** Objects in metadata are of no use in a column, so they stay where they are. */
function columnValue(column: ItemColumnName): { readonly sql: string; readonly name: readonly string[] } {
  if (column === 'tags') return { sql: 'to_jsonb(tags)', name: [] };
  if (column === 'createdAt')
    return { sql: 'to_jsonb(extract(epoch FROM created_at)::float8 * 1000)', name: [] };
  return {
    sql: "CASE WHEN jsonb_typeof(metadata -> $5) <> 'object' THEN metadata -> $5 END",
    name: [column.slice(METADATA_PREFIX.length)],
  };
}
