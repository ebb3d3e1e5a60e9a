import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { JsonObject } from '#domain';
import type { Database } from '../connection/database.js';
import { catalogNotFound } from '../repositories/catalogs.repository.js';
import { FIND_METADATA_NAMES, selectObjects, selectRows, type ExportedTable } from './export.sql.js';
import { SELECT_SETTINGS } from './settings.sql.js';

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const FIND_CATALOG = 'SELECT FROM catalogs WHERE id = $1 AND deleted_at IS NULL';
const READ_ONLY = 'ISOLATION LEVEL REPEATABLE READ READ ONLY';
/** No JSON has these characters, so COPY quotes nothing. */
const AS_IT_IS = `FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01'`;

export class ExportsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Writes a table of a catalog as it is at one instant, in constant memory, and ends `output`. Rows are in
   * the order of external ids, so equal data gives equal bytes.
   *
   * @throws DomainError `catalog-not-found` before anything is written
   */
  async write(
    catalogId: string,
    table: ExportedTable,
    format: ExportFormat,
    output: Writable,
  ): Promise<void> {
    await this.database.sqlTransactionOnce(async (client) => {
      const { rowCount } = await client.query(FIND_CATALOG, [catalogId]);
      if (rowCount === 0) throw catalogNotFound(catalogId);
      await pipeline(client.query(copyTo(await copyStatement(client, catalogId, table, format))), output);
    }, READ_ONLY);
  }

  /** What is set of a catalog, as JSON. @throws DomainError `catalog-not-found` */
  async loadSettings(catalogId: string): Promise<JsonObject> {
    const { rows } = await this.database.run(() =>
      this.database.pool.query<{ settings: JsonObject }>(SELECT_SETTINGS, [catalogId]),
    );
    if (!rows[0]) throw catalogNotFound(catalogId);
    return rows[0].settings;
  }
}

async function copyStatement(
  client: PoolClient,
  catalogId: string,
  table: ExportedTable,
  format: ExportFormat,
): Promise<string> {
  const catalog = client.escapeLiteral(catalogId);
  if (format === 'jsonl') return `COPY (${selectObjects(table, catalog)}) TO STDOUT (${AS_IT_IS})`;
  const metadata = table === 'items' ? await metadataColumns(client, catalogId) : [];
  return `COPY (${selectRows(table, catalog, metadata)}) TO STDOUT (FORMAT csv, HEADER)`;
}

async function metadataColumns(client: PoolClient, catalogId: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(FIND_METADATA_NAMES, [catalogId]);
  return rows.map(
    ({ name }) =>
      `metadata ->> ${client.escapeLiteral(name)} AS ${client.escapeIdentifier(`metadata.${name}`)}`,
  );
}
