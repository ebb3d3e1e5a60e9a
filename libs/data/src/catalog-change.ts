import type { Transaction } from './database.js';

/** What is told to every process, in the transaction that makes it true. */
export type CatalogChange =
  | { readonly kind: 'catalog-deleted'; readonly catalogId: string }
  | { readonly kind: 'model-activated'; readonly catalogId: string; readonly modelId: string }
  | { readonly kind: 'items-changed'; readonly catalogId: string; readonly revision: number }
  | { readonly kind: 'cache-epoch-changed'; readonly catalogId: string; readonly cacheEpoch: number }
  | { readonly kind: 'run-changed'; readonly catalogId: string; readonly runId: string }
  | { readonly kind: 'schedules-changed'; readonly catalogId: string };

/** Postgres channel of all changes. */
export const CHANGE_CHANNEL = 'sparserec';

export const NOTIFY_SQL = `SELECT pg_notify('${CHANGE_CHANNEL}', $1)`;

/** Publishes a change when the transaction commits, and not otherwise. */
export async function notify(transaction: Transaction, change: CatalogChange): Promise<void> {
  await transaction.$queryRawUnsafe(
    `SELECT pg_notify('${CHANGE_CHANNEL}', $1)::text`,
    JSON.stringify(change),
  );
}

/** Makes every cached user of the catalog unreadable. */
export async function bumpCacheEpoch(transaction: Transaction, catalogId: string): Promise<void> {
  const { cacheEpoch } = await transaction.catalog.update({
    where: { id: catalogId },
    data: { cacheEpoch: { increment: 1 } },
  });
  await notify(transaction, { kind: 'cache-epoch-changed', catalogId, cacheEpoch });
}
