import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';

/**
 * Makes temporary tables of a connection, which every commit empties. Connections of a pooler outlive
 * processes, and may still have tables of another version of this service: these are made anew.
 *
 * @param tables columns by the name of the table
 */
export async function createStagingTables(
  client: PoolClient,
  tables: Readonly<Record<string, string>>,
): Promise<void> {
  const names = Object.keys(tables);
  const created = names.map((name) => `CREATE TEMP TABLE ${name} (${tables[name]}) ON COMMIT DELETE ROWS`);
  const version = createHash('sha256').update(created.join(';')).digest('hex');
  await client.query(`DO $$ BEGIN
    IF obj_description(to_regclass('pg_temp.${names[0]}'), 'pg_class') IS DISTINCT FROM '${version}' THEN
      DROP TABLE IF EXISTS ${names.map((name) => `pg_temp.${name}`).join(', ')};
      ${created.join(';\n')};
      COMMENT ON TABLE pg_temp.${names[0]} IS '${version}';
    END IF;
  END $$`);
}
