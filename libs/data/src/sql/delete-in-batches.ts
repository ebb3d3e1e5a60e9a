import type { Database } from '../connection/database.js';

/** Rows that one statement deletes; it holds locks for moments only. */
export const BATCH_ROWS = 10_000;

/**
 * Repeats a statement until it deletes fewer rows than it may. Whoever stops asking for the next
 * number breaks it off.
 *
 * @param sql its $1 is the most rows that it deletes
 * @param values $2 and so on
 * @returns number of rows of each statement
 */
export async function* deleteInBatches(
  database: Database,
  sql: string,
  values: readonly unknown[],
  batchRows = BATCH_ROWS,
): AsyncGenerator<number> {
  let deleted: number;
  do {
    const { rowCount } = await database.run(() => database.pool.query(sql, [batchRows, ...values]));
    deleted = Number(rowCount);
    yield deleted;
  } while (deleted === batchRows);
}
