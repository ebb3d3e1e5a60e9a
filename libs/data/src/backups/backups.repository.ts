import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { DomainError } from '#domain';
import { publish, raiseCacheEpoch } from '../changes/changed-users.js';
import type { Database } from '../connection/database.js';
import { catalogNotFound } from '../repositories/catalogs.repository.js';
import { ArchiveWriter, readArchive, type ArchiveEntry } from './backup-archive.js';
import { isBackupTable, selectRows, tablesOf, type BackupTable } from './backup-tables.js';

const FORMAT = 1;
const HEAD = 'backup.json';
const READ_ONLY = 'ISOLATION LEVEL REPEATABLE READ READ ONLY';

const FIND_CATALOGS =
  'SELECT id FROM catalogs WHERE deleted_at IS NULL AND ($1::text IS NULL OR id = $1) ORDER BY id';
const FIND_SCHEMA = `SELECT max(migration_name) AS name FROM _prisma_migrations
  WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`;
const FIND_COLUMNS = `SELECT quote_ident(column_name) AS name FROM information_schema.columns
  WHERE table_schema = current_schema() AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position`;
/** Whatever has one of the names, also what is being deleted, and what a whole service would meet. */
const FIND_TAKEN = `SELECT id FROM catalogs WHERE $2 OR id = ANY($1)
  UNION ALL SELECT 'a key' FROM api_keys WHERE $2 LIMIT 1`;
/** The catalog that the migrations make, if nobody has put anything into it. */
const DROP_UNTOUCHED = `DELETE FROM catalogs c WHERE id = 'default' AND next_user_key = 0 AND next_item_key = 0
    AND cache_epoch = 0 AND item_revision = 0 AND unknown_items = 'create' AND deleted_at IS NULL
    AND NOT EXISTS (SELECT FROM interaction_types WHERE catalog_id = c.id)
    AND NOT EXISTS (SELECT FROM schedules WHERE catalog_id = c.id)
    AND NOT EXISTS (SELECT FROM training_runs WHERE catalog_id = c.id)
  RETURNING id`;
/** As of a catalog that is made anew: nothing that was cached of one of its name is found. */
const GO_ON = `UPDATE catalogs c SET cache_epoch = greatest(c.cache_epoch, d.cache_epoch), item_revision = greatest(c.item_revision, d.item_revision) + 1
  FROM (SELECT coalesce(max(cache_epoch), 0) AS cache_epoch, coalesce(max(item_revision), 0) AS item_revision
    FROM catalog_deletions WHERE catalog_id = $1) d WHERE c.id = $1 RETURNING c.item_revision AS revision`;
const FIND_ACTIVE = `SELECT id FROM models WHERE catalog_id = $1 AND status = 'active'`;

/** What a backup says of itself, first of all. */
interface Head {
  readonly format: number;
  /** Name of the last migration of the schema that it was taken of. */
  readonly schema: string;
  readonly takenAt: string;
  readonly catalogs: readonly string[];
  /** Whether it has keys and all else that belongs to no catalog. */
  readonly isWhole: boolean;
  readonly columns: Readonly<Record<string, readonly string[]>>;
}

/** What was written or stored: catalogs, and the number of rows by table. */
export interface BackupSummary {
  readonly catalogs: readonly string[];
  readonly rows: Readonly<Record<string, number>>;
}

export interface BackupOptions {
  /** The whole service without it. */
  readonly catalogId?: string | undefined;
  readonly onTable?: (table: string) => void;
}

/** Whole services, and catalogs with their models, in one file and back. */
export class BackupsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Writes all as it is at one instant, in constant memory, and ends `output`.
   *
   * @throws DomainError `catalog-not-found`
   */
  async write(
    output: Writable,
    { catalogId, onTable }: BackupOptions = {},
  ): Promise<BackupSummary & { sha256: string }> {
    const archive = new ArchiveWriter();
    const store = async (client: PoolClient) => {
      const head = await describeBackup(client, catalogId ?? null);
      const rows: Record<string, number> = {};
      await archive.put(HEAD, Buffer.from(JSON.stringify(head)));
      const catalog = catalogId === undefined ? null : client.escapeLiteral(catalogId);
      for (const table of tablesOf(catalogId ?? null)) {
        onTable?.(table);
        const select = selectRows(table, head.columns[table]!, catalog);
        const copy = client.query(copyTo(`COPY (${select}) TO STDOUT (FORMAT binary)`));
        await archive.putStream(table, copy);
        rows[table] = copy.rowCount;
      }
      return { catalogs: head.catalogs, rows, sha256: await archive.end() };
    };
    const written = pipeline(archive.stream, output);
    const stored = this.database.sqlTransactionOnce(store, READ_ONLY).catch((error: unknown) => {
      archive.breakOff(error as Error);
      throw error;
    });
    const [summary] = await Promise.all([stored, written]);
    return summary;
  }

  /**
   * Stores a backup in one transaction, all of it or nothing, and in constant memory.
   *
   * @throws DomainError `import-source-invalid` for what is no whole backup, or one of a newer version;
   * `validation-failed` where something of it is there already
   */
  async restore(input: Readable, { onTable }: Pick<BackupOptions, 'onTable'> = {}): Promise<BackupSummary> {
    return this.database.sqlTransactionOnce(async (client) => {
      const entries = readArchive(input);
      const head = await readHead(client, await nextOf(entries));
      if (head.isWhole) await dropUntouched(client);
      await refuseTaken(client, head);
      const rows = await storeTables(client, entries, head, onTable);
      for (const catalogId of head.catalogs) await beginAnew(client, catalogId);
      if (head.isWhole) await publish(client, { kind: 'keys-changed' });
      return { catalogs: head.catalogs, rows };
    });
  }
}

async function describeBackup(client: PoolClient, catalogId: string | null): Promise<Head> {
  const { rows } = await client.query<{ id: string }>(FIND_CATALOGS, [catalogId]);
  if (catalogId !== null && rows.length === 0) throw catalogNotFound(catalogId);
  const columns: Record<string, readonly string[]> = {};
  for (const table of tablesOf(catalogId)) columns[table] = await columnsOf(client, table);
  return {
    format: FORMAT,
    schema: await schemaOf(client),
    takenAt: new Date().toISOString(),
    catalogs: rows.map(({ id }) => id),
    isWhole: catalogId === null,
    columns,
  };
}

async function schemaOf(client: PoolClient): Promise<string> {
  return (await client.query<{ name: string }>(FIND_SCHEMA)).rows[0]!.name;
}

async function columnsOf(client: PoolClient, table: BackupTable): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(FIND_COLUMNS, [table]);
  return rows.map(({ name }) => name);
}

async function nextOf(entries: AsyncGenerator<ArchiveEntry>): Promise<ArchiveEntry> {
  const next = await entries.next();
  if (next.done) throw notABackup();
  return next.value;
}

async function readHead(client: PoolClient, { name, bytes }: ArchiveEntry): Promise<Head> {
  if (name !== HEAD) throw notABackup();
  const head = JSON.parse(bytes.toString()) as Head;
  const schema = await schemaOf(client);
  if (head.format !== FORMAT || head.schema > schema)
    throw new DomainError(
      'import-source-invalid',
      `The backup is of a newer version (${head.schema}) than this one (${schema}); restore it by that version`,
    );
  return head;
}

async function dropUntouched(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ id: string }>(DROP_UNTOUCHED);
  for (const { id } of rows) await publish(client, { kind: 'catalog-deleted', catalogId: id });
}

async function refuseTaken(client: PoolClient, { catalogs, isWhole }: Head): Promise<void> {
  const { rows } = await client.query<{ id: string }>(FIND_TAKEN, [catalogs, isWhole]);
  if (rows[0] === undefined) return;
  const detail = isWhole
    ? `The service has something already (${rows[0].id}); a backup of a whole service goes into an empty database`
    : `The catalog "${rows[0].id}" is there already; delete it first, or restore into another database`;
  throw new DomainError('validation-failed', detail);
}

/** Entries of a table come one after another. @returns rows by table */
async function storeTables(
  client: PoolClient,
  entries: AsyncGenerator<ArchiveEntry>,
  head: Head,
  onTable?: (table: string) => void,
): Promise<Record<string, number>> {
  const rows: Record<string, number> = {};
  let next = await entries.next();
  while (!next.done) {
    const { name } = next.value;
    if (!isBackupTable(name) || name in rows) throw notABackup();
    onTable?.(name);
    const columns = await checkedColumns(client, name, head);
    const copy = client.query(copyFrom(`COPY ${name} (${columns.join(', ')}) FROM STDIN (FORMAT binary)`));
    const bytesOfTable = async function* () {
      while (!next.done && next.value.name === name) {
        yield next.value.bytes;
        next = await entries.next();
      }
    };
    await pipeline(Readable.from(bytesOfTable(), { objectMode: false }), copy);
    rows[name] = copy.rowCount;
  }
  return rows;
}

/** Only such as the table has: they become part of a statement. */
async function checkedColumns(
  client: PoolClient,
  table: BackupTable,
  head: Head,
): Promise<readonly string[]> {
  const known = new Set(await columnsOf(client, table));
  const columns = head.columns[table] ?? [];
  if (columns.length === 0 || columns.some((name) => !known.has(name))) throw notABackup();
  return columns;
}

async function beginAnew(client: PoolClient, catalogId: string): Promise<void> {
  const { rows: changed } = await client.query<{ revision: string }>(GO_ON, [catalogId]);
  await raiseCacheEpoch(client, catalogId);
  const revision = Number(changed[0]!.revision);
  await publish(client, { kind: 'items-changed', catalogId, revision });
  const { rows } = await client.query<{ id: string }>(FIND_ACTIVE, [catalogId]);
  for (const { id } of rows) await publish(client, { kind: 'model-activated', catalogId, modelId: id });
  await publish(client, { kind: 'schedules-changed', catalogId });
}

function notABackup(): DomainError {
  return new DomainError(
    'import-source-invalid',
    'This is no backup of this service; `sparserec backup` makes one',
  );
}
