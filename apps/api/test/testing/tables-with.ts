import type { TestService } from '../../../../test/support/api.js';

/** Names of the tables that have the text in any row. */
export async function tablesWith({ database }: TestService, text: string): Promise<string[]> {
  const { rows: tables } = await database.query(
    'SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()',
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } = await database.query(`SELECT FROM ${name} t WHERE t::text LIKE $1`, [`%${text}%`]);
    if (rows.length > 0) found.push(String(name));
  }
  return found.sort();
}
