/** Whose rows a table has. */
type Owner = 'catalog' | 'model' | 'service';

/**
 * Tables of a backup, in the order in which their rows may be stored. The others of the schema are left out:
 * the target has `_prisma_migrations` of its own, processes forget `catalog_changes` within minutes, an
 * unfinished run begins again without `training_checkpoints`, `training_parts` and `training_artifacts`, and
 * lists of `list_jobs` can be made again.
 */
const OWNERS = {
  catalogs: 'catalog',
  interaction_types: 'catalog',
  users: 'catalog',
  refusals: 'catalog',
  user_attributes: 'catalog',
  merged_ids: 'catalog',
  items: 'catalog',
  interactions: 'catalog',
  late_interactions: 'catalog',
  training_runs: 'catalog',
  models: 'catalog',
  schedules: 'catalog',
  attributed_interactions: 'catalog',
  idempotency_keys: 'catalog',
  model_chunks: 'model',
  model_answers: 'model',
  model_attributions: 'model',
  api_keys: 'service',
  audit_log: 'service',
  catalog_deletions: 'service',
} as const satisfies Record<string, Owner>;

export type BackupTable = keyof typeof OWNERS;

/** @param catalogId null for the whole service */
export function tablesOf(catalogId: string | null): readonly BackupTable[] {
  const all = Object.keys(OWNERS) as BackupTable[];
  return catalogId === null ? all : all.filter((table) => OWNERS[table] !== 'service');
}

export function isBackupTable(name: string): name is BackupTable {
  return name in OWNERS;
}

/** Catalogs that are being deleted are in no backup. */
const CATALOGS = 'SELECT id FROM catalogs WHERE deleted_at IS NULL';

/** Rows of a table that a backup has. @param catalog as a literal of SQL; null for the whole service */
export function selectRows(table: BackupTable, columns: readonly string[], catalog: string | null): string {
  const catalogs = catalog === null ? CATALOGS : `${CATALOGS} AND id = ${catalog}`;
  const conditions: Readonly<Record<Owner, string>> = {
    catalog: `${table === 'catalogs' ? 'id' : 'catalog_id'} IN (${catalogs})`,
    model: `model_id IN (SELECT id FROM models WHERE catalog_id IN (${catalogs}))`,
    service: 'true',
  };
  return `SELECT ${columns.join(', ')} FROM ${table} WHERE ${conditions[OWNERS[table]]}`;
}
