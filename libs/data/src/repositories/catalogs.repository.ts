import type { PoolClient } from 'pg';
import {
  DEFAULT_INTERACTION_TYPE,
  DomainError,
  isName,
  NAME_RULE,
  type RepeatsRule,
  type UnknownItems,
} from '#domain';
import { raiseCacheEpoch } from '../changes/changed-users.js';
import { LIMIT_LOCK_WAIT } from '../connection/conflicts.js';
import type { Database, Transaction } from '../connection/database.js';

export interface Catalog {
  readonly id: string;
  readonly userCount: number;
  /** Without deleted ones. */
  readonly itemCount: number;
  /** Cached users of an older epoch are ignored. */
  readonly cacheEpoch: number;
  readonly unknownItems: UnknownItems;
  readonly createdAt: Date;
  /**
   * Rule for items that a basket names more than once; at least as new as `cacheEpoch`, which every
   * change of it raises.
   */
  readonly basketRepeats: RepeatsRule;
}

/** What a caller sets of a catalog. */
export type CatalogSettings = Pick<Catalog, 'unknownItems'>;

interface CatalogRow {
  readonly id: string;
  readonly userRows: number;
  readonly itemRows: number;
  readonly cacheEpoch: number;
  readonly unknownItems: string;
  readonly createdAt: Date;
  readonly deletedItems: number;
  /** The one that baskets count by: they have no types, as interactions without one. */
  readonly interactionTypes: readonly { readonly repeats: string }[];
}

const WITH_FACTS = {
  interactionTypes: { where: { name: DEFAULT_INTERACTION_TYPE }, select: { repeats: true } },
} as const;

const RETRY_AFTER_SECONDS = 5;

/** For as long as the transaction lasts; see `holdCatalog`. */
const HOLD_CATALOG = 'SELECT 1 FROM catalogs WHERE id = $1 AND deleted_at IS NULL FOR KEY SHARE';

const CREATE = `INSERT INTO catalogs (id, unknown_items, cache_epoch, item_revision)
  SELECT $1, $2, coalesce(max(cache_epoch) + 1, 0), coalesce(max(item_revision) + 1, 0) FROM catalog_deletions WHERE catalog_id = $1
  ON CONFLICT DO NOTHING`;

const CHANGE = 'UPDATE catalogs SET unknown_items = $2 WHERE id = $1 AND deleted_at IS NULL';

const DEFAULTS: CatalogSettings = { unknownItems: 'create' };

export class CatalogsRepository {
  constructor(private readonly database: Database) {}

  async findAll(): Promise<Catalog[]> {
    const rows = await this.database.run((prisma) =>
      prisma.catalog.findMany({ where: { deletedAt: null }, orderBy: { id: 'asc' }, include: WITH_FACTS }),
    );
    return rows.map(toCatalog);
  }

  /** @throws DomainError `catalog-not-found` */
  async load(catalogId: string): Promise<Catalog> {
    const catalog = await this.find(catalogId);
    if (!catalog) throw catalogNotFound(catalogId);
    return catalog;
  }

  /** Makes every cached user unreadable, where a cache could not be told of a change. */
  raiseCacheEpoch(catalogId: string): Promise<void> {
    return this.database.sqlTransaction((client) => raiseCacheEpoch(client, catalogId));
  }

  async find(catalogId: string): Promise<Catalog | null> {
    const row = await this.database.run((prisma) =>
      prisma.catalog.findUnique({ where: { id: catalogId, deletedAt: null }, include: WITH_FACTS }),
    );
    return row && toCatalog(row);
  }

  /**
   * Makes a catalog, or changes the settings of one that exists: absent ones stay as they are, or are the
   * defaults of a new one. One that had the name before leaves its epoch and revision, so that nothing that
   * was cached of it is found.
   *
   * @throws DomainError `catalog-being-deleted`
   */
  async create(
    catalogId: string,
    settings?: CatalogSettings,
  ): Promise<{ readonly catalog: Catalog; readonly created: boolean }> {
    const created = await this.database.sqlTransaction(async (client) => {
      // An import that makes the catalog has its name until it ends.
      await client.query(LIMIT_LOCK_WAIT);
      const isNew = await createCatalog(client, catalogId, settings);
      if (!isNew && settings) await client.query(CHANGE, [catalogId, settings.unknownItems]);
      return isNew;
    });
    const catalog = await this.find(catalogId);
    if (!catalog) throw catalogBeingDeleted(catalogId);
    return { catalog, created };
  }
}

/**
 * @returns false when the name is taken, also by a catalog that is being deleted
 * @throws DomainError `validation-failed` when it is no name for a catalog
 */
export async function createCatalog(
  queryable: Pick<PoolClient, 'query'>,
  catalogId: string,
  { unknownItems } = DEFAULTS,
): Promise<boolean> {
  checkCatalogName(catalogId);
  return (await queryable.query(CREATE, [catalogId, unknownItems])).rowCount === 1;
}

/** @throws DomainError `validation-failed` when it is no name for a catalog */
export function checkCatalogName(name: string): void {
  if (!isName(name)) throw new DomainError('validation-failed', `The name of a catalog ${NAME_RULE}`);
}

/** {@link holdCatalog} of a transaction in plain SQL. */
export async function requireCatalog(
  client: PoolClient,
  catalogId: string,
  refuse = catalogNotFound,
): Promise<void> {
  const { rowCount } = await client.query(HOLD_CATALOG, [catalogId]);
  if (rowCount === 0) throw refuse(catalogId);
}

/**
 * To be called by everybody who writes rows of a catalog, before the first of them: until the transaction
 * ends the catalog's own row stays, so that whoever deletes it finds what was written.
 *
 * @throws DomainError `catalog-not-found`
 */
export async function holdCatalog(transaction: Transaction, catalogId: string): Promise<void> {
  const rows = await transaction.$queryRawUnsafe<unknown[]>(HOLD_CATALOG, catalogId);
  if (rows.length === 0) throw catalogNotFound(catalogId);
}

export function catalogBeingDeleted(catalogId: string): DomainError {
  const detail = `Catalog "${catalogId}" is being deleted; its name is free when that is finished`;
  return new DomainError('catalog-being-deleted', detail, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}

export function catalogNotFound(catalogId: string): DomainError {
  return new DomainError('catalog-not-found', `There is no catalog "${catalogId}"`);
}

function toCatalog(row: CatalogRow): Catalog {
  const { id, userRows, itemRows, deletedItems, cacheEpoch, createdAt, interactionTypes } = row;
  return {
    id,
    userCount: userRows,
    itemCount: itemRows - deletedItems,
    cacheEpoch,
    unknownItems: row.unknownItems as UnknownItems,
    createdAt,
    basketRepeats: (interactionTypes[0]?.repeats ?? 'max') as RepeatsRule,
  };
}
