import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { JsonObject } from '#domain';
import type { Database } from '../connection/database.js';
import { catalogNotFound } from '../repositories/catalogs.repository.js';
import {
  FIND_METADATA_NAMES,
  FIND_QUOTED,
  findRest,
  selectCells,
  selectObjects,
  selectTypedCells,
  type ExportedTable,
  type MetadataName,
} from './export.sql.js';
import { toParquet } from './parquet.js';
import { SELECT_SETTINGS } from './settings.sql.js';

export const EXPORT_FORMATS = ['csv', 'jsonl', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const FIND_CATALOG = 'SELECT FROM catalogs WHERE id = $1 AND deleted_at IS NULL';
const READ_ONLY = 'ISOLATION LEVEL REPEATABLE READ READ ONLY';
/** No JSON has these characters, so COPY quotes nothing. */
const AS_IT_IS = `FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01'`;

export class ExportsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Writes a table of a catalog as it is at one instant, in constant memory, and leaves `output` open. Rows
   * are in the order of external ids, so equal data gives equal bytes. When `output` is closed, reading ends.
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
      const rows = client.query(copyTo(await copyStatement(client, catalogId, table, format)));
      // Told to the pipeline, and once more when that has ended with the connection.
      rows.on('error', () => undefined);
      // The server would send all that is left before it answers anything else.
      const giveUp = () => {
        if (!rows.readableEnded) void client.end().catch(() => undefined);
      };
      output.once('close', giveUp);
      try {
        if (output.destroyed) throw new Error('The output was closed before anything was written');
        const encoded = format === 'parquet' ? Readable.from(toParquet(rows, table)) : rows;
        await pipeline(encoded, output, { end: false });
      } catch (error) {
        giveUp();
        throw error;
      } finally {
        output.off('close', giveUp);
      }
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
  if (format === 'parquet') return `COPY (${selectTypedCells(table, catalog)}) TO STDOUT (${AS_IT_IS})`;
  const names = table === 'items' ? await metadataNames(client, catalogId) : [];
  if (format === 'jsonl') return `COPY (${selectObjects(table, catalog, names)}) TO STDOUT (${AS_IT_IS})`;
  const isItems = table === 'items';
  const found = isItems ? await client.query<{ hasRest: boolean }>(findRest(names), [catalogId]) : null;
  const cells = selectCells(table, catalog, { names, hasRest: found?.rows[0]?.hasRest ?? false });
  return `COPY (${cells}) TO STDOUT (FORMAT csv, HEADER${await quotedColumns(client, catalogId, table)})`;
}

async function metadataNames(client: PoolClient, catalogId: string): Promise<MetadataName[]> {
  return (await client.query<MetadataName>(FIND_METADATA_NAMES, [catalogId])).rows;
}

async function quotedColumns(client: PoolClient, catalogId: string, table: ExportedTable): Promise<string> {
  const { rows } = await client.query<Record<string, boolean>>(FIND_QUOTED[table], [catalogId]);
  const columns = Object.keys(rows[0]!).filter((name) => rows[0]![name]);
  const list = columns.map((name) => client.escapeIdentifier(name)).join(', ');
  return list === '' ? '' : `, FORCE_QUOTE (${list})`;
}
