import { isDeepStrictEqual } from 'node:util';
import {
  DomainError,
  etagOfType,
  LIMITS,
  patchInteractionType,
  requireMatch,
  type InteractionType,
  type InteractionTypePatch,
  type RepeatsRule,
} from '#domain';
import { bumpCacheEpoch } from '../changes/catalog-change.js';
import { LIMIT_LOCK_WAIT } from '../connection/conflicts.js';
import type { Database, Transaction } from '../connection/database.js';
import type { InteractionTypeModel } from '../generated/models.js';
import { toPage, type Page } from '../sql/paging.js';
import { catalogNotFound } from './catalogs.repository.js';

const WHAT = 'interaction type';

export class InteractionTypesRepository {
  constructor(private readonly database: Database) {}

  async findPage(catalogId: string, after: string | null, limit: number): Promise<Page<InteractionType>> {
    const rows = await this.database.run((prisma) =>
      prisma.interactionType.findMany({
        where: { catalogId, ...(after !== null && { name: { gt: after } }) },
        orderBy: { name: 'asc' },
        take: limit + 1,
      }),
    );
    return toPage(rows.map(toInteractionType), limit, (type) => type.name);
  }

  /**
   * Creates or replaces a type. Every cached history of the catalog is then out of date.
   *
   * @throws DomainError `catalog-not-found`, `too-many-interaction-types`, `precondition-failed`
   */
  async put(
    catalogId: string,
    type: InteractionType,
    ifMatch?: string,
  ): Promise<{ readonly created: boolean }> {
    return this.database.transaction(async (transaction) => {
      await lockCatalog(transaction, catalogId);
      const where = { catalogId_name: { catalogId, name: type.name } };
      const before = await transaction.interactionType.findUnique({ where });
      requireMatch(ifMatch, before && etagOfType(toInteractionType(before)), WHAT);
      const {
        _count: count,
        _max: { typeKey: last },
      } = await transaction.interactionType.aggregate({
        where: { catalogId },
        _count: true,
        _max: { typeKey: true },
      });
      if (!before && count >= LIMITS.interactionTypesPerCatalog) throw tooManyInteractionTypes(catalogId);
      await transaction.interactionType.upsert({
        where,
        create: { catalogId, typeKey: (last ?? 0) + 1, ...type },
        update: type,
      });
      await bumpCacheEpoch(transaction, catalogId);
      return { created: before === null };
    });
  }

  /**
   * Changes what a merge patch names. Where that changes anything, every cached history is out of date.
   *
   * @throws DomainError `catalog-not-found`, `interaction-type-not-found`, `precondition-failed`
   */
  async patch(
    catalogId: string,
    name: string,
    patch: InteractionTypePatch,
    ifMatch?: string,
  ): Promise<InteractionType> {
    return this.database.transaction(async (transaction) => {
      await lockCatalog(transaction, catalogId);
      const where = { catalogId_name: { catalogId, name } };
      const row = await transaction.interactionType.findUnique({ where });
      if (!row) throw new DomainError('interaction-type-not-found', `There is no interaction type "${name}"`);
      const { name: _name, ...before } = toInteractionType(row);
      requireMatch(ifMatch, etagOfType({ name, ...before }), WHAT);
      const fields = patchInteractionType(before, patch);
      if (isDeepStrictEqual(before, fields)) return { name, ...fields };
      await transaction.interactionType.update({ where, data: fields });
      await bumpCacheEpoch(transaction, catalogId);
      return { name, ...fields };
    });
  }
}

/** @throws DomainError `catalog-not-found` */
async function lockCatalog(transaction: Transaction, catalogId: string): Promise<void> {
  const locked = await transaction.$queryRaw<
    unknown[]
  >`SELECT 1 FROM catalogs WHERE id = ${catalogId} AND deleted_at IS NULL FOR NO KEY UPDATE`;
  if (locked.length === 0) throw catalogNotFound(catalogId);
  await transaction.$executeRawUnsafe(LIMIT_LOCK_WAIT);
}

export function tooManyInteractionTypes(catalogId: string): DomainError {
  return new DomainError(
    'too-many-interaction-types',
    `Catalog ${catalogId} may have ${LIMITS.interactionTypesPerCatalog} interaction types`,
  );
}

function toInteractionType({
  name,
  trainingWeight,
  halfLifeDays,
  positive,
  excludesSeen,
  repeatAfterDays,
  repeats,
}: InteractionTypeModel): InteractionType {
  const seen = { excludesSeen, repeatAfterDays };
  return { name, trainingWeight, halfLifeDays, positive, ...seen, repeats: repeats as RepeatsRule };
}
