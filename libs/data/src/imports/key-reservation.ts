import type { PoolClient } from 'pg';
import type { Database } from '../connection/database.js';
import { BULK_STEPS } from '../sql/bulk.sql.js';

/** First of the keys that an import hands out, and the time of the first undated row of a pair. */
export interface ReservedKeys {
  readonly users: number;
  readonly items: number;
  readonly undatedSince: Date;
  /** Of new items, unless the catalog's items are changed before the import ends. */
  readonly itemRevision: string;
}

export interface WantedKeys {
  readonly users: number;
  readonly items: number;
  readonly hasUndated: boolean;
}

export type ReserveKeys = (wanted: WantedKeys) => Promise<ReservedKeys>;

/**
 * Reserves keys in a transaction of its own, so that the catalog is not locked until the import ends. Keys of
 * an import that fails then are nobody's, as those of a sequence.
 */
export function reserveApart(database: Database, catalogId: string): ReserveKeys {
  return async (wanted) => {
    const { rows } = await database.queryApart<ReservedKeys>(
      BULK_STEPS.reserveKeys,
      valuesOf(catalogId, wanted),
    );
    return rows[0]!;
  };
}

/** For a catalog that the transaction has locked, or makes, so that nobody else sees it. */
export function reserveWithin(client: PoolClient, catalogId: string): ReserveKeys {
  return async (wanted) => {
    const { rows } = await client.query<ReservedKeys>(BULK_STEPS.reserveKeys, valuesOf(catalogId, wanted));
    return rows[0]!;
  };
}

function valuesOf(catalogId: string, { users, items, hasUndated }: WantedKeys): unknown[] {
  return [catalogId, users, items, hasUndated ? new Date() : null];
}
