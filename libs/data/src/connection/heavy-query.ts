import type { QueryResultRow } from 'pg';
import { DomainError } from '#domain';
import type { Database } from './database.js';

const QUERY_CANCELED = '57014';
const RETRY_AFTER_SECONDS = 30;

/**
 * Rows of a query whose cost grows with the data. PostgreSQL ends it after `timeoutMs`.
 *
 * @throws DomainError `database-unavailable` when it takes longer
 */
export async function heavyQuery<Row extends QueryResultRow>(
  database: Database,
  {
    sql,
    values,
    timeoutMs,
  }: { readonly sql: string; readonly values: unknown[]; readonly timeoutMs: number },
): Promise<Row[]> {
  try {
    return await database.sqlTransaction(async (client) => {
      await client.query(`SET LOCAL statement_timeout = ${timeoutMs}`);
      return (await client.query<Row>(sql, values)).rows;
    }, 'READ ONLY');
  } catch (error) {
    if (!isCanceled(error)) throw error;
    throw new DomainError('database-unavailable', `The database did not answer within ${timeoutMs} ms`, {
      cause: error,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
}

/** Whether a heavy query was ended by its time limit. */
export function tookTooLong(error: unknown): boolean {
  return error instanceof DomainError && isCanceled(error.cause);
}

function isCanceled(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === QUERY_CANCELED;
}
