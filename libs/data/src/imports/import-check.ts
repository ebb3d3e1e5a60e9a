import type { PoolClient } from 'pg';
import {
  RefusedRowList,
  type ImportedItem,
  type Interaction,
  type RefusedRows,
  type UnknownItems,
} from '#domain';
import type { MergeOptions } from '../interactions/interaction-merge.js';
import { nextPosition } from '../interactions/interaction-staging.js';
import { UNKNOWN_ITEM, unknownItems } from '../interactions/refused-rows.js';
import { checkImportedTypes, type ImportedType } from '../repositories/imported-types.js';
import { CATALOG } from '../sql/catalog.sql.js';
import { stageItems } from './item-staging.js';
import type { ImportedSettings } from './settings-change.js';

/** An import as far as a catalog may refuse it; each stream is read once at most. */
export interface CheckedImport {
  /** All that a row has, and those that are to be there. */
  readonly interactionTypes: readonly ImportedType[];
  readonly items: AsyncIterable<readonly ImportedItem[]>;
  readonly interactions: AsyncIterable<readonly Interaction[]>;
  /** In the place of those that the catalog has. */
  readonly settings?: ImportedSettings | undefined;
}

const FIND_SETTING = 'SELECT unknown_items AS "unknownItems" FROM catalogs WHERE id = $1';
/** $2 ids of items. A deleted item is known. */
const FIND_UNKNOWN = `SELECT n.id FROM unnest($2::text[]) n (id)
  WHERE NOT EXISTS (SELECT FROM items i WHERE i.catalog_id = ${CATALOG} AND i.external_id = n.id)
    AND NOT EXISTS (SELECT FROM staged_item_details d WHERE d.external_id = n.id)`;
const MOST_KEPT_IDS = 100_000;

/**
 * Refuses what an import would refuse, and stores nothing, in constant memory.
 *
 * @returns rows that the import would leave out
 * @throws DomainError `interaction-type-conflict`, `too-many-interaction-types`, `unknown-items`
 */
export async function checkImport(
  client: PoolClient,
  catalogId: string,
  { interactionTypes, items, interactions, settings }: CheckedImport,
  { onInvalid, list }: Pick<MergeOptions, 'onInvalid' | 'list'>,
): Promise<RefusedRows> {
  await checkImportedTypes(client, catalogId, interactionTypes, settings?.interactionTypes);
  const { rows } = await client.query<{ unknownItems: UnknownItems }>(FIND_SETTING, [catalogId]);
  const refused = new RefusedRowList();
  if ((settings?.unknownItems ?? rows[0]?.unknownItems) !== 'refuse') return refused;
  await stageItems(client, items);
  const known = new KnownItems(client, catalogId);
  let row = -1;
  for await (const chunk of interactions) {
    await known.look(chunk);
    for (const interaction of chunk) {
      row = nextPosition(row, interaction);
      if (!known.has(interaction.itemId)) refused.add({ row, reason: UNKNOWN_ITEM });
    }
  }
  if (refused.count > 0 && onInvalid !== 'skip') throw unknownItems(refused, list);
  return refused;
}

/** Items that the catalog has, or will have of those that are staged. */
class KnownItems {
  readonly #isKnown = new Map<string, boolean>();

  constructor(
    private readonly client: PoolClient,
    private readonly catalogId: string,
  ) {}

  async look(chunk: readonly Interaction[]): Promise<void> {
    if (this.#isKnown.size > MOST_KEPT_IDS) this.#isKnown.clear();
    const fresh = new Set(chunk.map(({ itemId }) => itemId).filter((id) => !this.#isKnown.has(id)));
    if (fresh.size === 0) return;
    const { rows } = await this.client.query<{ id: string }>(FIND_UNKNOWN, [this.catalogId, [...fresh]]);
    for (const id of fresh) this.#isKnown.set(id, true);
    for (const { id } of rows) this.#isKnown.set(id, false);
  }

  /** Of an item of the chunk that was looked at. */
  has(itemId: string): boolean {
    return this.#isKnown.get(itemId) === true;
  }
}
