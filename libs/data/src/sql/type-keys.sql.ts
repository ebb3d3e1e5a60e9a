import { LIMITS } from '#domain';

/** The last key of a type of the catalog $1; new ones follow it. */
export const LAST_TYPE_KEY =
  '(SELECT coalesce(max(type_key), 0) FROM interaction_types WHERE catalog_id = $1)';

/**
 * How far behind the last key an import begins with its own, since it does not lock the catalog: batches find
 * the next keys free meanwhile. A catalog has few types, so that keys do not run out.
 */
export const TYPE_KEY_GAP = LIMITS.interactionTypesPerCatalog;
