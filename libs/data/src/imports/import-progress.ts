import type { PoolClient } from 'pg';
import { TELL_STORED } from '../sql/bulk.sql.js';

/** How far an import is. */
export interface ImportProgress {
  /** Rows are read; then looked up and sorted; then stored. */
  readonly phase: 'reading' | 'sorting' | 'storing';
  /** Rows of the phase that are done; 0 while they are sorted. */
  readonly rows: number;
}

export type OnImportProgress = (progress: ImportProgress) => void;

const STORED = /^stored (\d+) rows$/;

/** Hears from the server how many rows it has stored while `work` runs statements that tell. */
export async function hearStored<Result>(
  client: PoolClient,
  onProgress: OnImportProgress | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!onProgress) return work();
  await client.query(TELL_STORED);
  const hear = ({ message = '' }: { readonly message?: string | undefined }) => {
    const rows = STORED.exec(message)?.[1];
    if (rows !== undefined) onProgress({ phase: 'storing', rows: Number(rows) });
  };
  client.on('notice', hear);
  try {
    return await work();
  } finally {
    client.off('notice', hear);
  }
}
