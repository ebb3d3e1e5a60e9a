import type { ItemProperties, JsonObject } from '@app/domain';
import type { Database } from './database.js';

interface PropertiesRow {
  readonly item_key: number;
  readonly tags: string[];
  readonly metadata: JsonObject;
}

/** Tags and metadata: read when a request asks for them, since most do not. */
export class ItemPropertiesRepository {
  constructor(private readonly database: Database) {}

  /** By item key; keys that no item has are left out. */
  async load(catalogId: string, itemKeys: readonly number[]): Promise<Map<number, ItemProperties>> {
    const { rows } = await this.database.run(() =>
      this.database.pool.query<PropertiesRow>(
        'SELECT item_key, tags, metadata FROM items WHERE catalog_id = $1 AND item_key = ANY($2::int[])',
        [catalogId, itemKeys],
      ),
    );
    return new Map(rows.map(({ item_key, tags, metadata }) => [item_key, { tags, metadata }]));
  }
}
