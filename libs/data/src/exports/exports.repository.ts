import type { Writable } from 'node:stream';
import type { PoolClient } from 'pg';
import type { JsonObject } from '#domain';
import type { Database } from '../connection/database.js';
import { catalogNotFound } from '../repositories/catalogs.repository.js';
import { AS_IT_IS, copyOut } from './copy-out.js';
import {
  FIND_QUOTED,
  findMetadataNames,
  findRest,
  hasMetadata,
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
/** All of a catalog is joined, whose size the planner may not know: never each row with each. */
const JOIN_BY_HASH = 'SET LOCAL enable_nestloop = off';
const READ_ONLY = 'ISOLATION LEVEL REPEATABLE READ READ ONLY';

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
      await client.query(JOIN_BY_HASH);
      const statement = await copyStatement(client, catalogId, table, format);
      await copyOut(client, statement, output, (rows) =>
        format === 'parquet' ? toParquet(rows, table) : rows,
      );
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
  const names = hasMetadata(table) ? await metadataNames(client, catalogId, table) : [];
  if (format === 'jsonl') return `COPY (${selectObjects(table, catalog, names)}) TO STDOUT (${AS_IT_IS})`;
  const hasRest = hasMetadata(table) && (await findsRest(client, catalogId, findRest(table, names)));
  const cells = selectCells(table, catalog, { names, hasRest });
  return `COPY (${cells}) TO STDOUT (FORMAT csv, HEADER${await quotedColumns(client, catalogId, table)})`;
}

async function metadataNames(
  client: PoolClient,
  catalogId: string,
  table: ExportedTable,
): Promise<MetadataName[]> {
  return (await client.query<MetadataName>(findMetadataNames(table), [catalogId])).rows;
}

async function findsRest(client: PoolClient, catalogId: string, sql: string): Promise<boolean> {
  return (await client.query<{ hasRest: boolean }>(sql, [catalogId])).rows[0]!.hasRest;
}

async function quotedColumns(client: PoolClient, catalogId: string, table: ExportedTable): Promise<string> {
  const { rows } = await client.query<Record<string, boolean>>(FIND_QUOTED[table], [catalogId]);
  const columns = Object.keys(rows[0]!).filter((name) => rows[0]![name]);
  const list = columns.map((name) => client.escapeIdentifier(name)).join(', ');
  return list === '' ? '' : `, FORCE_QUOTE (${list})`;
}
