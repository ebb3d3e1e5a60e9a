import type { PoolClient } from 'pg';
import { DomainError, LIMITS, type InteractionType } from '#domain';
import { LAST_TYPE_KEY } from '../sql/type-keys.sql.js';
import { tooManyInteractionTypes } from './interaction-types.repository.js';

/** A type of interaction as an import needs it. The catalog gets it with its first import. */
export interface ImportedType extends Pick<InteractionType, 'name'> {
  /** Set, also where the catalog knows the type; absent: 1 of a new one. */
  readonly trainingWeight?: number;
  /** A catalog whose type of this name has another sign refuses the import; absent: positive of a new one. */
  readonly positive?: boolean;
}

interface KnownType {
  readonly name: string;
  readonly trainingWeight: number;
  readonly positive: boolean;
}

const FIND =
  'SELECT name, training_weight AS "trainingWeight", positive FROM interaction_types WHERE catalog_id = $1';
const ADD = `INSERT INTO interaction_types (catalog_id, type_key, name, training_weight, positive)
  SELECT $1, ${LAST_TYPE_KEY} + $5 + 1, $2, $3, $4`;
const WEIGH = 'UPDATE interaction_types SET training_weight = $3 WHERE catalog_id = $1 AND name = $2';

/**
 * Makes and weighs types. Of two imports that make types at the same time the later fails as a unique
 * violation, and so does whoever makes the same type, unless the catalog is locked.
 *
 * @param gap {@link TYPE_KEY_GAP} where the catalog is not locked
 * @returns whether a known type counts differently from now on, so that cached histories are out of date
 * @throws DomainError `interaction-type-conflict`, `too-many-interaction-types`
 */
export async function putImportedTypes(
  client: PoolClient,
  catalogId: string,
  types: readonly ImportedType[],
  gap = 0,
): Promise<boolean> {
  if (types.length === 0) return false;
  const stored = await findChecked(client, catalogId, types);
  let hasChanged = false;
  for (const { name, trainingWeight, positive } of types) {
    const before = stored.get(name);
    if (!before) await client.query(ADD, [catalogId, name, trainingWeight ?? 1, positive ?? true, gap]);
    else if (trainingWeight !== undefined && Math.fround(trainingWeight) !== before.trainingWeight) {
      await client.query(WEIGH, [catalogId, name, trainingWeight]);
      hasChanged = true;
    }
  }
  return hasChanged;
}

/**
 * Refuses what {@link putImportedTypes} would refuse, and changes nothing.
 *
 * @param settings types that are put first
 */
export async function checkImportedTypes(
  queryable: Pick<PoolClient, 'query'>,
  catalogId: string,
  types: readonly ImportedType[],
  settings: readonly KnownType[] = [],
): Promise<void> {
  await findChecked(queryable, catalogId, types, settings);
}

/** Types of the catalog by their names, if those of the import can be put beside them. */
async function findChecked(
  queryable: Pick<PoolClient, 'query'>,
  catalogId: string,
  types: readonly ImportedType[],
  settings: readonly KnownType[] = [],
): Promise<ReadonlyMap<string, KnownType>> {
  const { rows } = await queryable.query<KnownType>(FIND, [catalogId]);
  const stored = new Map([...rows, ...settings].map((type) => [type.name, type]));
  for (const { name, positive } of types) {
    const before = stored.get(name);
    if (before && positive !== undefined && positive !== before.positive) throw otherSign(catalogId, before);
  }
  const count = new Set([...stored.keys(), ...types.map(({ name }) => name)]).size;
  if (count > LIMITS.interactionTypesPerCatalog) throw tooManyInteractionTypes(catalogId);
  return stored;
}

function otherSign(catalogId: string, { name, positive }: KnownType): DomainError {
  const sign = positive ? 'positive' : 'negative';
  return new DomainError(
    'interaction-type-conflict',
    `Catalog "${catalogId}" has a ${sign} interaction type "${name}", and the import needs the opposite; set "positive" of the type to ${!positive} by PUT /interaction-types/${name}, or import into another catalog`,
  );
}
