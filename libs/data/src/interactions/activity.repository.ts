import type { Database } from '../connection/database.js';
import { heavyQuery } from '../connection/heavy-query.js';
import { itemNotFound } from '../items/item-rows.js';
import { CATALOG } from '../sql/catalog.sql.js';

/** Pages of the table of interactions that a look at a whole catalog reads, at most about. */
const SAMPLED_PAGES = 1_000;
const TIMEOUT_MS = 3_000;

export interface DayCount {
  /** As `2026-11-01`, of UTC. */
  readonly date: string;
  readonly interactions: number;
}

/** Interactions by day, of days that have some, ascending. */
export interface DayCounts {
  readonly days: readonly DayCount[];
  /** Share of the interactions that was counted; below 1 the counts are estimates. */
  readonly counted: number;
}

const dayOf = (time: string) => `to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD')`;
/** The first of $days days that end with that of a time. */
const beginOf = (newest: string, days: string) =>
  `date_trunc('day', ${newest}, 'UTC') - make_interval(days => ${days} - 1)`;

const PAGES = `SELECT greatest(1, pg_relation_size('interactions') / current_setting('block_size')::bigint) AS pages`;

/** $1 catalog, $2 percent of the pages, $3 days. Whole pages at random, by a fixed seed. */
const OF_CATALOG = `WITH sampled AS MATERIALIZED (
    SELECT occurred_at FROM interactions TABLESAMPLE SYSTEM ($2) REPEATABLE (1) WHERE catalog_id = $1)
  SELECT ${dayOf('occurred_at')} AS date, count(*)::int AS interactions FROM sampled
  WHERE occurred_at >= ${beginOf('(SELECT max(occurred_at) FROM sampled)', '$3::int')}
  GROUP BY 1 ORDER BY 1`;

const TYPES = 'SELECT type_key FROM interaction_types WHERE catalog_id = $1';
const OF_ITEM_AND_TYPE = `n.item_key = $2 AND n.catalog_id = ${CATALOG} AND n.type_key = t.type_key`;

/** $1 catalog, $2 key of the item, $3 days. Reads the index of the newest of an item, within the days. */
const OF_ITEM = `WITH newest AS (SELECT max(n.at) AS at FROM (${TYPES}) t CROSS JOIN LATERAL (
      SELECT n.occurred_at AS at FROM interactions n WHERE ${OF_ITEM_AND_TYPE}
      ORDER BY n.occurred_at DESC LIMIT 1) n)
  SELECT ${dayOf('n.occurred_at')} AS date, count(*)::int AS interactions
  FROM newest CROSS JOIN (${TYPES}) t CROSS JOIN LATERAL (
      SELECT n.occurred_at FROM interactions n WHERE ${OF_ITEM_AND_TYPE}
        AND n.occurred_at >= ${beginOf('newest.at', '$3::int')}) n
  GROUP BY 1 ORDER BY 1`;

const FIND_ITEM = `SELECT item_key AS key FROM items
  WHERE catalog_id = ${CATALOG} AND external_id = $2 AND deleted_at IS NULL`;

/** How many interactions there are of each day, up to the newest one, at a cost that is bounded. */
export class ActivityRepository {
  constructor(
    private readonly database: Database,
    private readonly sampledPages = SAMPLED_PAGES,
  ) {}

  /** From a sample of pages, where the table has many. @throws DomainError `database-unavailable` */
  async countOfCatalog(catalogId: string, days: number): Promise<DayCounts> {
    const [size] = await this.#query<{ pages: string }>(PAGES, []);
    const percent = Math.min(100, (100 * this.sampledPages) / Number(size!.pages));
    const rows = await this.#query<DayCount>(OF_CATALOG, [catalogId, percent, days]);
    const scale = 100 / percent;
    return {
      days: rows.map((row) => ({ ...row, interactions: Math.round(row.interactions * scale) })),
      counted: 1 / scale,
    };
  }

  /** @throws DomainError `item-not-found`; `database-unavailable` also when it takes longer than 3 s */
  async countOfItem(catalogId: string, itemId: string, days: number): Promise<DayCounts> {
    const [item] = await this.#query<{ key: number }>(FIND_ITEM, [catalogId, itemId]);
    if (!item) throw itemNotFound(itemId);
    return { days: await this.#query<DayCount>(OF_ITEM, [catalogId, item.key, days]), counted: 1 };
  }

  #query<Row extends object>(sql: string, values: unknown[]): Promise<Row[]> {
    return heavyQuery<Row>(this.database, { sql, values, timeoutMs: TIMEOUT_MS });
  }
}
