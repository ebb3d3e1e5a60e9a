import type { Transaction } from '../connection/database.js';

/** A change of a catalog, told in the transaction that makes it true. */
export type CatalogChange =
  | { readonly kind: 'catalog-deleted'; readonly catalogId: string }
  | {
      readonly kind: 'model-activated';
      readonly catalogId: string;
      readonly modelId: string;
      /** Of the span in which it was; absent outside of one. */
      readonly traceParent?: string | undefined;
    }
  | { readonly kind: 'items-changed'; readonly catalogId: string; readonly revision: number }
  | { readonly kind: 'cache-epoch-changed'; readonly catalogId: string; readonly cacheEpoch: number }
  | { readonly kind: 'run-changed'; readonly catalogId: string; readonly runId: string }
  | { readonly kind: 'schedules-changed'; readonly catalogId: string };

/** What is told to every process: of a catalog, or of the service. */
export type Change = CatalogChange | { readonly kind: 'keys-changed' };

/** Channels are the whole database's: each schema has its own. */
const SCHEMA_NUMBER = 'quote_ident(current_schema())::regnamespace::oid';

/** Postgres channel of all changes, as an expression. */
export const CHANGE_CHANNEL = `'sparserec_' || ${SCHEMA_NUMBER}`;

/** The one on which a process asks itself whether it hears. */
export const PROBE_CHANNEL = `'sparserec_probe_' || ${SCHEMA_NUMBER}`;

/** Adds the transaction to a change, so that one that is heard and read is known to be one. */
export const withTransaction = (change: string, xid: string) =>
  `${change} || jsonb_build_object('transaction', ${xid}::text)`;

/** Tells those who listen, and writes down for those who do not hear. */
export const NOTIFY_SQL = `WITH logged AS (
    INSERT INTO catalog_changes (xid, change) VALUES (pg_current_xact_id(), ($1::text)::jsonb))
  SELECT pg_notify(${CHANGE_CHANNEL}, (${withTransaction('($1::text)::jsonb', 'pg_current_xact_id()')})::text)::text`;

/** Publishes a change when the transaction commits, and not otherwise. */
export async function notify(transaction: Transaction, change: Change): Promise<void> {
  await transaction.$queryRawUnsafe(NOTIFY_SQL, JSON.stringify(change));
}

/** Makes every cached user of the catalog unreadable. */
export async function bumpCacheEpoch(transaction: Transaction, catalogId: string): Promise<void> {
  const { cacheEpoch } = await transaction.catalog.update({
    where: { id: catalogId },
    data: { cacheEpoch: { increment: 1 } },
  });
  await notify(transaction, { kind: 'cache-epoch-changed', catalogId, cacheEpoch });
}
