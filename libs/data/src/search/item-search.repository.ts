import type { Item } from '#domain';
import type { Database } from '../connection/database.js';
import { ITEM_COLUMNS, toItem, type ItemRow } from '../items/item-rows.js';
import { CATALOG } from '../sql/catalog.sql.js';
import type { Page } from '../sql/paging.js';
import { beginsWith } from './text-prefix.js';

/** Titles that are looked at for one page, of which some may be of items that their id has found already. */
const MOST_TITLES = 1_000;

const ID = 'external_id COLLATE "C"';
/** As the index has it: of a long title the beginning. */
const TITLE = 'lower(left(title, 100)) COLLATE "C"';

/** $1 catalog, $2 what ids begin with, $3 the id before the first, $4 rows. */
const FIND_BY_ID = `SELECT ${ITEM_COLUMNS} FROM items
  WHERE catalog_id = ${CATALOG} AND deleted_at IS NULL AND ${beginsWith(ID, '$2')} AND ${ID} > $3 ORDER BY ${ID} LIMIT $4`;

/** $1 catalog, $2 what titles begin with, $3 and $4 title and key before the first, $5 rows. */
const FIND_BY_TITLE = `WITH looked_at AS MATERIALIZED (
    SELECT item_key, ${TITLE} AS place,
      starts_with(lower(title), lower($2)) AND NOT starts_with(external_id, $2) AS is_found
    FROM items
    WHERE catalog_id = ${CATALOG} AND deleted_at IS NULL AND ${beginsWith(TITLE, 'lower(left($2, 100))')}
      AND (${TITLE}, item_key) > ($3, $4::int) ORDER BY ${TITLE}, item_key LIMIT ${MOST_TITLES}),
  found AS (SELECT item_key, place FROM looked_at WHERE is_found ORDER BY place, item_key LIMIT $5),
  last AS (SELECT place, item_key FROM looked_at ORDER BY place DESC, item_key DESC
    LIMIT CASE WHEN (SELECT count(*) FROM looked_at) = ${MOST_TITLES} THEN 1 ELSE 0 END)
  SELECT f.place, f.item_key AS key, false AS "isEnd", i.* FROM found f
    CROSS JOIN LATERAL (SELECT ${ITEM_COLUMNS} FROM items WHERE catalog_id = ${CATALOG} AND item_key = f.item_key) i
  UNION ALL
  SELECT l.place, l.item_key AS key, true AS "isEnd", i.* FROM last l
    CROSS JOIN LATERAL (SELECT ${ITEM_COLUMNS} FROM items WHERE catalog_id = ${CATALOG} AND item_key = l.item_key) i
  ORDER BY "isEnd", place, key`;

interface TitleRow extends ItemRow {
  readonly place: string;
  readonly key: number;
  /** True of the last row, which says how far titles were looked at where there may be more. */
  readonly isEnd: boolean;
}

interface TitlePosition {
  readonly title: string;
  readonly key: number;
}

/** Where a page of items begins: after an id, or after a title and a key. */
type Position = { readonly id: string } | TitlePosition;
const BEFORE_TITLES: TitlePosition = { title: '', key: -1 };

/** Finds items by what their ids or titles begin with. */
export class ItemSearchRepository {
  constructor(private readonly database: Database) {}

  /**
   * Items whose id begins with `search`, by the bytes of their ids; then those whose title does, whatever the
   * case of its letters, by title. A page may have fewer items than `limit` where others follow.
   */
  async findPage(
    catalogId: string,
    search: string,
    after: string | null,
    limit: number,
  ): Promise<Page<Item>> {
    const position = after === null ? { id: '' } : parsePosition(after);
    const byId = 'id' in position ? await this.#findById(catalogId, search, position.id, limit + 1) : [];
    const items = byId.slice(0, limit).map(toItem);
    if (byId.length > limit) return { items, nextPosition: writePosition({ id: items.at(-1)!.itemId }) };
    const from = 'id' in position ? BEFORE_TITLES : position;
    const titles = await this.#findByTitle(catalogId, search, from, limit - items.length);
    return { items: [...items, ...titles.items], nextPosition: titles.nextPosition };
  }

  async #findById(catalogId: string, search: string, after: string, limit: number): Promise<ItemRow[]> {
    const { rows } = await this.database.run(() =>
      this.database.pool.query<ItemRow>(FIND_BY_ID, [catalogId, search, after, limit]),
    );
    return rows;
  }

  async #findByTitle(
    catalogId: string,
    search: string,
    after: TitlePosition,
    limit: number,
  ): Promise<Page<Item>> {
    const values = [catalogId, search, after.title, after.key, limit + 1];
    const { rows } = await this.database.run(() => this.database.pool.query<TitleRow>(FIND_BY_TITLE, values));
    const found = rows.filter(({ isEnd }) => !isEnd).map(toFound);
    const end = rows.filter(({ isEnd }) => isEnd).map(toFound)[0];
    const page = found.slice(0, limit);
    const next = found.length > limit ? (page.at(-1)?.position ?? after) : end?.position;
    return { items: page.map(({ item }) => item), nextPosition: next ? writePosition(next) : null };
  }
}

function toFound(row: TitleRow): { readonly item: Item; readonly position: TitlePosition } {
  return { item: toItem(row), position: { title: row.place, key: row.key } };
}

function writePosition(position: Position): string {
  return 'id' in position ? `i${position.id}` : `t${position.key}:${position.title}`;
}

function parsePosition(text: string): Position {
  if (text.startsWith('i')) return { id: text.slice(1) };
  const end = text.indexOf(':');
  return { title: text.slice(end + 1), key: Number(text.slice(1, end)) };
}
