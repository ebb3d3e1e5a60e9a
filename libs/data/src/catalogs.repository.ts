import { DomainError } from '@app/domain';
import type { Database } from './database.js';

export interface Catalog {
  readonly id: string;
  readonly userCount: number;
  readonly itemCount: number;
  /** Cached users of an older epoch are ignored. */
  readonly cacheEpoch: number;
  readonly createdAt: Date;
}

interface CatalogRow {
  readonly id: string;
  readonly nextUserKey: number;
  readonly nextItemKey: number;
  readonly cacheEpoch: number;
  readonly createdAt: Date;
}

export class CatalogsRepository {
  constructor(private readonly database: Database) {}

  async findAll(): Promise<Catalog[]> {
    const rows = await this.database.run((prisma) => prisma.catalog.findMany({ orderBy: { id: 'asc' } }));
    return rows.map(toCatalog);
  }

  /** @throws DomainError `catalog-not-found` */
  async load(catalogId: string): Promise<Catalog> {
    const row = await this.database.run((prisma) => prisma.catalog.findUnique({ where: { id: catalogId } }));
    if (!row) throw catalogNotFound(catalogId);
    return toCatalog(row);
  }

  async create(catalogId: string): Promise<{ readonly catalog: Catalog; readonly created: boolean }> {
    const { count } = await this.database.run((prisma) =>
      prisma.catalog.createMany({ data: [{ id: catalogId }], skipDuplicates: true }),
    );
    return { catalog: await this.load(catalogId), created: count === 1 };
  }
}

export function catalogNotFound(catalogId: string): DomainError {
  return new DomainError('catalog-not-found', `There is no catalog "${catalogId}"`);
}

function toCatalog(row: CatalogRow): Catalog {
  const { id, nextUserKey, nextItemKey, cacheEpoch, createdAt } = row;
  return { id, userCount: nextUserKey, itemCount: nextItemKey, cacheEpoch, createdAt };
}
